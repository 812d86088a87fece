-- A part of a range. ARGV: store, version, commit, first bound, last bound, 'ascending' or 'descending', rows wanted,
-- bytes and keys after which the part ends, so that one scan never holds up others for long.
-- Returns the key after which the next part begins ('' if there is none), then keys and values in turn.
demand_store(ARGV[1])
demand_snapshot(ARGV[2], ARGV[3])
local version, first, last, order = tonumber(ARGV[2]), ARGV[4], ARGV[5], ARGV[6]
local rows, bytes, keys = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local found = {''}
while true do
  local page = math.min(rows, 256)
  local names
  if order == 'ascending' then
    names = redis.call('ZRANGE', NAMES, first, last, 'BYLEX', 'LIMIT', 0, page)
  else
    names = redis.call('ZRANGE', NAMES, first, last, 'BYLEX', 'REV', 'LIMIT', 0, page)
  end
  for _, name in ipairs(names) do
    local value = find(name, version)
    keys = keys - 1
    if value then
      found[#found + 1] = name
      found[#found + 1] = value
      rows = rows - 1
      bytes = bytes - #value
    end
    if rows == 0 or bytes <= 0 or keys <= 0 then
      found[1] = name
      return found
    end
  end
  if #names < page then
    return found
  end
  first = '(' .. names[#names]
end
