-- Releases locks, and hands each on to its first waiter; also undoes an attempt, wherever that has come to.
--
-- KEYS: lock, queue, waiters, mark; repeated for each lock
-- ARGV: the owners
-- Returns for each lock: 1 if it was the owner's, 0 if not

local answers = {}
for i = 0, #KEYS / 4 - 1 do
	local lock, queue, waiters, mark = KEYS[4 * i + 1], KEYS[4 * i + 2], KEYS[4 * i + 3], KEYS[4 * i + 4]
	local owner = ARGV[i + 1]
	if redis.call('HGET', lock, 'owner') == owner then
		if serve(lock, queue, waiters, mark, nil) == nil then
			redis.call('DEL', lock)
		end
		answers[i + 1] = 1
	else
		if redis.call('HDEL', waiters, owner) == 1 then
			redis.call('ZREM', queue, owner)
		end
		answers[i + 1] = 0
	end
end
return answers
