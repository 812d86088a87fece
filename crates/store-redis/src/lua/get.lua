-- One value. ARGV: store, version, commit, key.
demand_store(ARGV[1])
demand_snapshot(ARGV[2], ARGV[3])
return find(ARGV[4], tonumber(ARGV[2]))
