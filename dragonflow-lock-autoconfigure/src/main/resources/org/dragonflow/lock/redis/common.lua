-- What acquire.lua and release.lua share; put in front of both.
--
-- A lock has four keys, which share a slot of a cluster:
--   lock     hash: owner, token, since (microseconds), revoked (1 if its release is asked for). It expires with the lease, so it is there exactly while the
--            lock is held, by this server's clock.
--   queue    sorted set: the owners that wait, by the time of their arrival.
--   waiters  hash: of each of these, by its owner, its channel, lease, request, and last moment.
--   mark     string: the highest token so far of all locks with this slot's tag. One for many locks, so that a
--            million locks leave a few hundred behind, and these expire.

local DAY = 86400000

-- Does something for one lock, and returns what that returns. What fails, because one of its keys is of another type for
-- instance, says nothing of the other locks: what the server says of it is returned then.
local function alone(action, ...)
	local done, result, millis, seen = pcall(action, ...)
	if done then
		return result, millis, seen
	end
	return type(result) == 'table' and result.err or tostring(result), 0, 0
end

-- Microseconds. Asked for only where it is needed, for most releases need no time.
local moment
local function now()
	if not moment then
		local time = redis.call('TIME')
		moment = time[1] * 1000000 + time[2]
	end
	return moment
end

-- A token above all before it, also after this server has forgotten everything: its clock goes on.
local function mint(mark)
	local token = string.format('%.0f', now())
	local last = tonumber(redis.call('SET', mark, token, 'PX', DAY, 'GET')) or 0
	if last >= now() then
		token = string.format('%.0f', last + 1)
		redis.call('SET', mark, token, 'PX', DAY)
	end
	return token
end

local function grant(lock, owner, lease, token)
	redis.call('HSET', lock, 'owner', owner, 'token', token, 'since', string.format('%.0f', now()), 'revoked', '0')
	redis.call('PEXPIRE', lock, lease)
end

-- Of the subscribers in a cluster, each node counts its own. So a waiter listens at the node that has the lock.
local function is_subscribed(channel)
	return redis.call('PUBSUB', 'NUMSUB', channel)[2] > 0
end

-- Hands a free lock to the first waiter that is alive, and tells it. The waiter asks for nothing more, so its request
-- is named: it counts its lease from when it sent that. Whoever asks this now is alive, and learns by the answer.
-- One that is not seen to listen is passed over, for it is dead. It may be alive after all where the lock has just moved
-- to this node of a cluster. A message reaches it at whatever node it listens, and lets it look again: a token of 0.
-- Returns the token if that was the asker, false otherwise, and nil if nobody waits.
local function serve(lock, queue, waiters, mark, asker)
	while true do
		local owner = redis.call('ZPOPMIN', queue)[1]
		if not owner then
			return nil
		end
		local entry = redis.call('HGET', waiters, owner)
		redis.call('HDEL', waiters, owner)
		if entry then
			local channel, lease, request, last = entry:match('^(%S+) (%d+) (%d+) (%d+)$')
			if owner == asker then
				local token = mint(mark)
				grant(lock, owner, lease, token)
				return token
			end
			if tonumber(last) > now() then
				if is_subscribed(channel) then
					local token = mint(mark)
					grant(lock, owner, lease, token)
					redis.call('PUBLISH', channel, owner .. ' ' .. request .. ' ' .. token .. ' ' .. lease)
					return false
				end
				redis.call('PUBLISH', channel, owner .. ' ' .. request .. ' 0 0')
			end
		end
	end
end
