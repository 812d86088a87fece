-- A batch, as a whole or not at all. ARGV: store, identity of the commit, '1' if it was sent before, milliseconds for
-- which what is written over is kept, number of expectations, then key, '1' or '0' for present or absent, and value of
-- each expectation, then the same of each write. No two writes have one key.
-- Returns {1, version}, or {0, position of the expectation that does not hold}.
demand_store(ARGV[1])
local commit, is_repeated, kept = ARGV[2], ARGV[3] == '1', tonumber(ARGV[4])
local first_write = 6 + 3 * tonumber(ARGV[5])

-- The outcome of an earlier sending counts.
local outcome = redis.call('HGET', COMMITS, commit)
if outcome then
  -- WAIT counts from the last write of a connection, and this may be another one than the commit came on.
  redis.call('HSET', STATE, 'asked', commit)
  if string.sub(outcome, 1, 1) == '-' then
    return {0, tonumber(string.sub(outcome, 2))}
  end
  return {1, tonumber(outcome)}
end

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

local function log(version, kind, name)
  redis.call('RPUSH', LOG, struct.pack('>I8I8', version, now) .. kind .. name)
end

for position = 0, tonumber(ARGV[5]) - 1 do
  local key, present, value = ARGV[6 + 3 * position], ARGV[7 + 3 * position], ARGV[8 + 3 * position]
  local held = find(key, math.huge)
  if (present == '1' and held ~= value) or (present == '0' and held) then
    if is_repeated then
      -- The first sending may still be on its way, and must then find that it was refused.
      redis.call('HSET', COMMITS, commit, '-' .. number(position))
      log(tonumber(redis.call('HGET', STATE, 'version')), 'c', commit)
    end
    return {0, position}
  end
end
if first_write > #ARGV then
  return {1, tonumber(redis.call('HGET', STATE, 'version'))}
end

local version = redis.call('HINCRBY', STATE, 'version', 1)
local last = redis.call('HGET', STATE, 'last')
if last ~= '' then
  log(version, 'c', last)
end
redis.call('HSET', STATE, 'last', commit)
redis.call('HSET', COMMITS, commit, number(version))

local budget = 64
for position = first_write, #ARGV, 3 do
  local key, present, value = ARGV[position], ARGV[position + 1] == '1', ARGV[position + 2]
  local entry = redis.call('HGET', ENTRIES, key)
  local kind, previous = DELETED, 0
  if entry then
    kind, previous = struct.unpack(HEAD, entry)
  end
  if present or kind == VALUE then
    if entry then
      local name = struct.pack('>I8', previous) .. key
      redis.call('HSET', PAST, name, entry)
      log(version, 'p', name)
    else
      redis.call('ZADD', NAMES, 0, key)
    end
    local head = struct.pack(HEAD, present and VALUE or DELETED, version, previous)
    redis.call('HSET', ENTRIES, key, head .. value)
    if not present then
      log(version, 'd', key)
    end
  end
  budget = budget + 4
end

-- Forgets some of what no snapshot that is still served can see: more than was added, so that the log stays short.
local horizon
while budget > 0 do
  local item = redis.call('LINDEX', LOG, 0)
  if not item then
    break
  end
  local at, time = struct.unpack('>I8I8', item)
  if time > now - kept then
    break
  end
  redis.call('LPOP', LOG)
  local kind, name = string.sub(item, 17, 17), string.sub(item, 18)
  if kind == 'p' then
    redis.call('HDEL', PAST, name)
  elseif kind == 'c' then
    redis.call('HDEL', COMMITS, name)
  else
    local entry = redis.call('HGET', ENTRIES, name)
    if entry then
      local held, since = struct.unpack(HEAD, entry)
      if held == DELETED and since == at then
        redis.call('HDEL', ENTRIES, name)
        redis.call('ZREM', NAMES, name)
      end
    end
  end
  horizon = at
  budget = budget - 1
end
if horizon then
  redis.call('HSET', STATE, 'horizon', number(horizon))
end
return {1, version}
