-- What every script begins with; docs/protocol.md, "The shared store", draws the bytes.
-- Keys: all of one deployment, in this order. They share a hash tag, so a cluster keeps them on one node.
local STATE, ENTRIES, NAMES, PAST, COMMITS, LOG = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

local DELETED, VALUE = 0, 1
local HEAD = '>BI8I8' -- kind, version, version of the entry before it (0: none is kept)
local HEAD_BYTES = 17

local function number(value)
  return string.format('%d', value)
end

-- A Redis that lost its data must not pass for an empty store.
local function demand_store(store)
  if redis.call('HGET', STATE, 'store') ~= store then
    error({err = 'VALENCELOST this Redis no longer holds the store that was opened'})
  end
end

-- A read at a version is answered only while everything that the version saw is still there.
local function demand_snapshot(version, commit)
  if tonumber(version) < tonumber(redis.call('HGET', STATE, 'horizon')) then
    error({err = 'VALENCEOLD the snapshot is older than what is kept'})
  end
  if version ~= '0' and redis.call('HGET', COMMITS, commit) ~= version then
    error({err = 'VALENCEREWOUND the commit that the snapshot saw last is gone'})
  end
end

-- The value of a key as of a version, or false.
local function find(key, version)
  local entry = redis.call('HGET', ENTRIES, key)
  while entry do
    local kind, at, previous = struct.unpack(HEAD, entry)
    if at <= version then
      return kind == VALUE and string.sub(entry, HEAD_BYTES + 1)
    end
    if previous == 0 then
      return false
    end
    entry = redis.call('HGET', PAST, struct.pack('>I8', previous) .. key)
    if not entry then
      error({err = 'VALENCEDAMAGED an older version of an entry is missing'})
    end
  end
  return false
end
