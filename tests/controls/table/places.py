"""Lines of the good deployments that more than one control changes."""

HANDLER = "        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.terminate)\n"
READY = '        return path != "/ready" or not self.terminating.is_set()\n'
