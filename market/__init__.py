"""The market put together: web app, worker, commands, home pages, the demo market."""

from kit.starting import start_swiftly

start_swiftly()
