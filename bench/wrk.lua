-- wrk: asks for the given paths in turn, as a new caller every so many requests, and prints one line of JSON.
-- Arguments: the number of the first caller, requests a caller, the cookies ("-" for none), paths.
local paths, asked, first, each, cookies = {}, 0, 0, 1, nil

function init(args)
  first, each = tonumber(args[1]), tonumber(args[2])
  if args[3] ~= "-" then cookies = args[3] end
  for i = 4, #args do paths[i - 3] = args[i] end
end

function request()
  local caller = first + math.floor(asked / each)
  local address = string.format("10.%d.%d.%d",
    math.floor(caller / 65536) % 256, math.floor(caller / 256) % 256, caller % 256)
  asked = asked + 1
  return wrk.format("GET", paths[(asked - 1) % #paths + 1], {
    ["accept-encoding"] = "gzip", ["x-forwarded-for"] = address, ["cookie"] = cookies,
  })
end

function done(summary, latency, requests)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format(
    '{"requests": %d, "rate": %.1f, "p50_ms": %.2f, "p95_ms": %.2f, "p99_ms": %.2f, "failed": %d}\n',
    summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000, failed))
end
