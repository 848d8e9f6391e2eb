-- A call has ended: it leaves its slots, gives back what it did not use, or owes what it used more.
--
-- ARGV: the call, and of each key its kind, the amount, the call's place, how much comes back and how
-- much is owed.
for i, key in ipairs(KEYS) do
  local kind, amount = ARGV[5 * i - 3], tonumber(ARGV[5 * i - 2])
  if kind == 'slots' then
    redis.call('ZREM', key, ARGV[1])
  else
    local place, back, more = ARGV[5 * i - 1], ARGV[5 * i] * PARTS, ARGV[5 * i + 1] * PARTS
    local flow = read_flow(key, amount)
    -- Only what has not gone with the time already can come back.
    local ahead = (place - flow.gone) % MOST
    if ahead <= flow.used then
      back = math.min(back, ahead)
      flow.used, flow.gone = flow.used - back, (flow.gone + back) % MOST
    end
    flow.used = math.min(flow.used + more, MOST)
    write_flow(key, amount, flow)
  end
end
return 0
