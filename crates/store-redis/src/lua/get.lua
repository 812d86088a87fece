-- One value. ARGV: store, key, then version and commit of the snapshot that is read, or none of both for the newest.
demand_store(ARGV[1])
if #ARGV == 2 then
  return find(ARGV[2], math.huge)
end
demand_snapshot(ARGV[3], ARGV[4])
return find(ARGV[2], tonumber(ARGV[3]))
