-- Sends requests from a file, one a line: path, tab, body. Every @@ becomes a number of
-- its own, so that no comment is a repetition. Arguments: the file, the first number,
-- then headers as name=value.

local requests, place = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, body = line:match("([^\t]*)\t(.*)")
    requests[#requests + 1] = { path = path, body = body }
  end
  number = tonumber(arguments[2])
  headers = {}
  for index = 3, #arguments do
    local name, value = arguments[index]:match("([^=]*)=(.*)")
    headers[name] = value
  end
end

local function next_number()
  number = number + 1
  return string.format("%d", number)
end

function request()
  place = place % #requests + 1
  local chosen = requests[place]
  local body = chosen.body:gsub("@@", next_number)
  return wrk.format("POST", chosen.path, headers, body)
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format(
    "RESULT %d %d %f %f %d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed
  ))
end
