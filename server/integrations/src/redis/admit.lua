-- Lets a call through if all counts do, or enters it in none.
--
-- ARGV: the call, for how many milliseconds it has its slots, and of each key its kind, the amount, the
-- burst and what the call needs. Answers whether it passes, and of each key how many parts are used and
-- the call's place.
local states, passes = {}, 1
for i, key in ipairs(KEYS) do
  local kind, amount, burst, needs = ARGV[4 * i - 1], tonumber(ARGV[4 * i]), ARGV[4 * i + 1], ARGV[4 * i + 2]
  local state
  if kind == 'slots' then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    state = { used = redis.call('ZCARD', key) * PARTS }
  else
    state = read_flow(key, amount)
  end
  if state.used + needs * PARTS > burst * PARTS then
    passes = 0
  end
  state.kind, state.amount, state.needs = kind, amount, needs * PARTS
  states[i] = state
end

local answer = { passes }
for i, key in ipairs(KEYS) do
  local state = states[i]
  if passes == 1 then
    state.used = state.used + state.needs
    if state.kind == 'slots' then
      redis.call('ZADD', key, now + ARGV[2], ARGV[1])
      redis.call('PEXPIRE', key, ARGV[2])
    else
      write_flow(key, state.amount, state)
    end
  end
  answer[2 * i] = state.used
  answer[2 * i + 1] = ((state.gone or 0) + state.used) % MOST
end
return answer
