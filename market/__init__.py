"""The market put together: web app, worker, commands, home pages, the demo market."""
