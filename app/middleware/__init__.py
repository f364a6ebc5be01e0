"""Pure ASGI middleware, one concern a module: Starlette's BaseHTTPMiddleware costs each request 100 microseconds."""
