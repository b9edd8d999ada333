-- Does one step on the set of a wallet's day. Nothing is changed unless the answer says so.
--
-- KEYS[1]  generation of this Redis: a random text that is lost with everything else
-- KEYS[2]  prefix of the day's hash; its full name contains the generation
-- ARGV     action, now in ms, generation to set if there is none, then by action:
--   take     transfer id, places, lapse in ms
--   peek     places, lapse in ms
--   confirm  holders ...
--   return   transfer id
-- Fields of the hash: "complete" -> time in ms when the ledger was last asked; a transfer id -> "c"
-- if the ledger confirmed it, else the time in ms at which it lapses.
-- Answer: {kind, left}; kind is "taken", "full", "unsure", "incomplete" or "done".
local generation = redis.call('GET', KEYS[1])
if not generation then
  generation = ARGV[3]
  redis.call('SET', KEYS[1], generation)
end
local day = KEYS[2] .. ':' .. generation
local action, now = ARGV[1], tonumber(ARGV[2])

if action == 'return' then
  redis.call('HDEL', day, ARGV[4])
  return {'done', 0}
end

local fields = redis.call('HGETALL', day)
local complete, confirmed, waiting, entered = nil, 0, 0, false
local id = action == 'take' and ARGV[4] or ''
for i = 1, #fields, 2 do
  local name, value = fields[i], fields[i + 1]
  if name == 'complete' then
    complete = tonumber(value)
  elseif value == 'c' then
    confirmed = confirmed + 1
    entered = entered or name == id
  elseif tonumber(value) <= now then
    redis.call('HDEL', day, name)
  else
    waiting = waiting + 1
    entered = entered or name == id
  end
end

if action == 'confirm' then
  local held = {}
  for i = 4, #ARGV do held[ARGV[i]] = true end
  for i = 1, #fields, 2 do
    if fields[i + 1] == 'c' and not held[fields[i]] then redis.call('HDEL', day, fields[i]) end
  end
  for i = 4, #ARGV do redis.call('HSET', day, ARGV[i], 'c') end
  redis.call('HSET', day, 'complete', now)
  redis.call('EXPIRE', day, 172800)
  return {'done', 0}
end

local places = tonumber(action == 'take' and ARGV[5] or ARGV[4])
local lapse = tonumber(action == 'take' and ARGV[6] or ARGV[5])
local left = math.max(0, places - confirmed - waiting)
if entered then return {'taken', left} end
if not complete then return {'incomplete', 0} end
-- A place that was freed in the ledger, but whose return got lost on the way here, must not stay
-- lost: an old answer of the ledger refuses nobody.
if confirmed >= places and complete <= now and complete + lapse > now then return {'full', 0} end
if left == 0 then return {'unsure', 0} end
if action == 'peek' then return {'taken', left} end
redis.call('HSET', day, id, now + lapse)
return {'taken', left - 1}
