-- A flow counts requests or tokens, which go again with the time, evenly: `amount` of them a minute.
--
-- All is counted in parts, of which one request or token has PARTS: so `amount` parts go in a millisecond,
-- and nothing is ever rounded. Lua's numbers are whole up to 2^53; what is used is at most MOST, and the
-- limits' most, 10^9, are 6 * 10^13 parts.
--
-- `gone` is how many parts have gone since the beginning, modulo MOST; a call's place is what will have
-- gone when its own have.
local PARTS = 60000
local MOST = 2 ^ 52

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function read_flow(key, amount)
  local found = redis.call('HMGET', key, 'used', 'gone', 'at')
  if not found[1] then
    -- A count that begins is at a place where none before it was, as far as calls may still know one.
    return { used = 0, gone = (now * 1000) % MOST, at = now }
  end
  local used, gone, at = tonumber(found[1]), tonumber(found[2]), tonumber(found[3])
  -- The clock of a server that takes over may be behind.
  local went = math.min(math.max(now - at, 0) * amount, used)
  return { used = used - went, gone = (gone + went) % MOST, at = math.max(now, at) }
end

local function write_flow(key, amount, flow)
  local whole = function(number) return string.format('%.0f', number) end
  redis.call('HSET', key, 'used', whole(flow.used), 'gone', whole(flow.gone), 'at', whole(flow.at))
  -- A call may know its place for an hour after all has gone.
  redis.call('PEXPIRE', key, whole(math.ceil(flow.used / amount) + 3600000))
end
