-- Extends leases.
--
-- KEYS: the locks
-- ARGV: the lease in milliseconds, then the owners
-- Returns for each lock: 1 if it was the owner's, 2 if its release is asked for besides, 0 if not; or the text of an error

local answers = {}
for i, lock in ipairs(KEYS) do
	-- A key of another type is no matter of the other locks.
	local record = redis.pcall('HMGET', lock, 'owner', 'revoked')
	if record.err then
		answers[i] = record.err
	elseif record[1] == ARGV[i + 1] then
		answers[i] = redis.call('PEXPIRE', lock, ARGV[1])
		if answers[i] == 1 and record[2] == '1' then
			answers[i] = 2
		end
	else
		answers[i] = 0
	end
end
return answers
