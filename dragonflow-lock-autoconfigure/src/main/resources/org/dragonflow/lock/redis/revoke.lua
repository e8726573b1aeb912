-- Marks a lock as one whose release is asked for. The next grant takes the mark away.
--
-- KEYS: the lock
-- ARGV: the owner
-- Returns 1 if it is the owner's, 0 if not

if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
	return { 0 }
end
redis.call('HSET', KEYS[1], 'revoked', '1')
return { 1 }
