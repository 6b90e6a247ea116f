"""A whole market under load while its parts are killed, stopped, emptied and cut off at random; then the auditors."""
