-- Releases locks, and hands each on to its first waiter; also undoes an attempt, wherever that has come to.
--
-- KEYS: lock, queue, waiters, mark; repeated for each lock
-- ARGV: the owners
-- Returns for each lock: 1 if it was the owner's, 0 if not; or the text of an error

local function release(lock, queue, waiters, mark, owner)
	if redis.call('HGET', lock, 'owner') == owner then
		if serve(lock, queue, waiters, mark, nil) == nil then
			redis.call('DEL', lock)
		end
		return 1
	end
	if redis.call('HDEL', waiters, owner) == 1 then
		redis.call('ZREM', queue, owner)
	end
	return 0
end

local answers = {}
for i = 0, #KEYS / 4 - 1 do
	answers[i + 1] = alone(release, KEYS[4 * i + 1], KEYS[4 * i + 2], KEYS[4 * i + 3], KEYS[4 * i + 4], ARGV[i + 1])
end
return answers
