"""Settings: `base` for all, `dev`, `test` and `production` for one purpose each."""
