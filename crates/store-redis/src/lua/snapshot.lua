-- The newest version. ARGV: store. Returns version and identity of the commit that made it.
demand_store(ARGV[1])
return redis.call('HMGET', STATE, 'version', 'last')
