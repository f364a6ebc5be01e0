-- What wrk prints for bench/load.py, and, when BENCH_THINK_MS is set, how long each connection waits between requests:
-- exponentially distributed, so that all connections together send at random moments at a steady rate. When BENCH_STATUS
-- is set, an answer of any other status is a failed one.
local think = tonumber(os.getenv("BENCH_THINK_MS"))

if think then
  function init() math.randomseed(1) end
  function delay() return math.floor(-think * math.log(1 - math.random()) + 0.5) end
end

local expected = tonumber(os.getenv("BENCH_STATUS"))
local threads = {}
unexpected = 0 -- a global, so that `done`, which runs beside the threads, can ask for each one's

if expected then
  function setup(thread) table.insert(threads, thread) end
  function response(status) if status ~= expected then unexpected = unexpected + 1 end end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.status
  if expected then
    failed = 0
    for _, thread in ipairs(threads) do failed = failed + thread:get("unexpected") end
  end
  io.stdout:write(string.format(
    '\n{"requests": %d, "microseconds": %d, "failed": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout + failed,
    latency:percentile(50), latency:percentile(99)))
end
