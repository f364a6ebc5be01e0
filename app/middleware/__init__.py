"""Pure ASGI, one concern a module, in two layers that every request pays for: `exchange` around `limits`.

Starlette's BaseHTTPMiddleware costs each request 100 microseconds, a layer that wraps `send` one or two.
"""
