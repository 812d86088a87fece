-- Creates the store if there is none. ARGV: identity of a new store. Returns format and identity of the store.
if redis.call('EXISTS', STATE) == 0 then
  redis.call('HSET', STATE, 'format', '1', 'store', ARGV[1], 'version', '0', 'horizon', '0', 'last', '')
end
return redis.call('HMGET', STATE, 'format', 'store')
