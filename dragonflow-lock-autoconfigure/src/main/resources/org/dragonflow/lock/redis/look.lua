-- Reads who holds a lock.
--
-- KEYS: the lock
-- Returns the owner, the token, the age in microseconds, and how many milliseconds the lease lasts; nothing if it is free

local record = redis.call('HMGET', KEYS[1], 'owner', 'token', 'since')
if not record[1] then
	return {}
end
local time = redis.call('TIME')
local age = time[1] * 1000000 + time[2] - record[3]
return { record[1], record[2], string.format('%.0f', math.max(age, 0)), redis.call('PTTL', KEYS[1]) }
