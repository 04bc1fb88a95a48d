"""Set-up, run and check the SCP suite: ``PYTHONPATH=tools python3 -m suite help``."""
