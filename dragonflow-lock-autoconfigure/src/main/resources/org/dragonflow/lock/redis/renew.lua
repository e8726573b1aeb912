-- Extends leases.
--
-- KEYS: the locks
-- ARGV: the lease in milliseconds, then the owners
-- Returns for each lock: 1 if it was the owner's, 0 if not

local answers = {}
for i, lock in ipairs(KEYS) do
	if redis.call('HGET', lock, 'owner') == ARGV[i + 1] then
		answers[i] = redis.call('PEXPIRE', lock, ARGV[1])
	else
		answers[i] = 0
	end
end
return answers
