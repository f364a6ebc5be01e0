-- What wrk prints for bench/load.py, and, when BENCH_THINK_MS is set, how long each connection waits between requests:
-- exponentially distributed, so that all connections together send at random moments at a steady rate.
local think = tonumber(os.getenv("BENCH_THINK_MS"))

if think then
  function init() math.randomseed(1) end
  function delay() return math.floor(-think * math.log(1 - math.random()) + 0.5) end
end

function done(summary, latency)
  local errors = summary.errors
  io.stdout:write(string.format(
    '\n{"requests": %d, "microseconds": %d, "failed": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
