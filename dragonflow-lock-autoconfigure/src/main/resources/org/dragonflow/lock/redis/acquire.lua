-- Takes locks that are free; queues for one that is not.
--
-- KEYS: lock, queue, waiters, mark; repeated for each lock
-- ARGV: for each lock: owner, lease in milliseconds, the token to settle on for what is the owner's already (0 for what
--       it has), channel to be told on ('' to take no place in the queue), and number of the request
-- Returns for each lock: its token, the lease; or 0, how long the holder's lease lasts; and for one that waits, whether
-- this server sees its channel (1, 0); or the text of an error, 0, 0.

-- Takes a place in the queue, or renews it: first come, first served.
local function wait(queue, waiters, owner, lease, channel, request)
	redis.call('ZADD', queue, 'NX', string.format('%.0f', now()), owner)
	redis.call('HSET', waiters, owner, table.concat({ channel, lease, request,
		string.format('%.0f', now() + lease * 1000) }, ' '))
	-- A queue whose waiters are all gone goes too, but not before its last one.
	for _, key in ipairs({ queue, waiters }) do
		if redis.call('PTTL', key) < tonumber(lease) then
			redis.call('PEXPIRE', key, lease)
		end
	end
	return is_subscribed(channel) and 1 or 0
end

-- Where several servers have granted one lock, all get the highest of the tokens that they drew for it.
local function settle(lock, mark, token)
	local text = string.format('%.0f', token)
	redis.call('HSET', lock, 'token', text)
	if token > (tonumber(redis.call('GET', mark)) or 0) then
		redis.call('SET', mark, text, 'PX', DAY)
	end
	return token
end

local function leave(queue, waiters, owner)
	if redis.call('HDEL', waiters, owner) == 1 then
		redis.call('ZREM', queue, owner)
	end
end

local function acquire(lock, queue, waiters, mark, owner, lease, settled, channel, request)
	local record = redis.call('HMGET', lock, 'owner', 'token')
	if record[1] == owner then
		-- Asked again: the answer was lost, or it was served meanwhile. The lease begins anew.
		redis.call('PEXPIRE', lock, lease)
		if settled ~= 0 then
			return settle(lock, mark, settled), tonumber(lease), 1
		end
		return tonumber(record[2]), tonumber(lease), 1
	end
	-- What is settled was taken before. Where it is gone, somebody has broken it, and it must not come back.
	if not record[1] and settled == 0 then
		local token = serve(lock, queue, waiters, mark, owner)
		if token == nil then
			token = mint(mark)
			grant(lock, owner, lease, token)
		end
		if token then
			return tonumber(token), tonumber(lease), 1
		end
	end
	local seen = 1
	if channel ~= '' then
		seen = wait(queue, waiters, owner, lease, channel, request)
	else
		leave(queue, waiters, owner)
	end
	return 0, redis.call('PTTL', lock), seen
end

local answers = {}
for i = 0, #KEYS / 4 - 1 do
	local token, millis, seen = alone(acquire, KEYS[4 * i + 1], KEYS[4 * i + 2], KEYS[4 * i + 3], KEYS[4 * i + 4],
		ARGV[5 * i + 1], ARGV[5 * i + 2], tonumber(ARGV[5 * i + 3]), ARGV[5 * i + 4], ARGV[5 * i + 5])
	answers[3 * i + 1] = token
	answers[3 * i + 2] = millis
	answers[3 * i + 3] = seen
end
return answers
