"""The mathematics: curves, shares, the fitted model, and when to stop waiting. It knows numbers, and nobody."""
