package org.dragonflow.lock.engine;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.UUID;

import org.dragonflow.lock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * What an engine needs to know.
 *
 * @param namespace keeps the locks of one application apart from another's in the same
 * store
 * @param instance names this JVM among all that use the store; unique, printable ASCII
 * without blanks, at most {@value #MAX_INSTANCE_LENGTH} characters; see
 * {@link #newInstanceName()}
 * @param lease how long a hold outlives a crash of its holder, where a request does not
 * say; at least {@link #MIN_LEASE}
 * @param waitTime how long to wait at most, where a request does not say; null for no
 * bound
 * @param maxHold how long a hold is renewed at most; null for no bound
 * @param handOver how far a grant is passed on inside this JVM
 * @param warnAfter how long a thread waits before a warning says for whom; null for no
 * warning
 */
public record EngineSettings(String namespace, String instance, Duration lease, @Nullable Duration waitTime,
		@Nullable Duration maxHold, HandOver handOver, @Nullable Duration warnAfter) {

	/**
	 * The shortest lease. A shorter one would be eaten up by a pause of the JVM or of the
	 * network that nobody notices otherwise.
	 */
	public static final Duration MIN_LEASE = Duration.ofMillis(100);

	/**
	 * A longer lease is as good as this one.
	 */
	public static final Duration MAX_LEASE = Duration.ofDays(36_500);

	/**
	 * How long a wait is before it is worth a warning, where nothing else is said: a
	 * third of the default lease. A holder that is alive has been renewed by then; one
	 * that is not keeps others waiting for no more than twice as long again.
	 */
	public static final Duration WARN_AFTER = Duration.ofSeconds(10);

	/**
	 * The length that an instance's name never exceeds.
	 */
	public static final int MAX_INSTANCE_LENGTH = 100;

	private static final String LEASE_RULE = "The lease of a lock must be " + MIN_LEASE + " or longer";

	/**
	 * Checks the settings.
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public EngineSettings {
		if (!instance.matches("[\\x21-\\x7e]{1," + MAX_INSTANCE_LENGTH + "}")) {
			throw new IllegalArgumentException("The instance's name must be 1 to " + MAX_INSTANCE_LENGTH
					+ " printable ASCII characters without blanks, but is '" + instance + "'");
		}
		check(LEASE_RULE, lease, MIN_LEASE);
		check("The wait must not be negative", waitTime, Duration.ZERO);
		check("The longest hold must be positive", maxHold, Duration.ofNanos(1));
		check("The wait before a warning must be positive", warnAfter, Duration.ofNanos(1));
	}

	private static void check(String rule, @Nullable Duration value, Duration least) {
		if (value != null && value.compareTo(least) < 0) {
			throw new IllegalArgumentException(rule + ", but is " + value);
		}
	}

	/**
	 * Settings with the default for warnings.
	 * @param namespace see the record
	 * @param instance see the record
	 * @param lease see the record
	 * @param waitTime see the record
	 * @param maxHold see the record
	 * @param handOver see the record
	 */
	public EngineSettings(String namespace, String instance, Duration lease, @Nullable Duration waitTime,
			@Nullable Duration maxHold, HandOver handOver) {
		this(namespace, instance, lease, waitTime, maxHold, handOver, WARN_AFTER);
	}

	/**
	 * The lease that holds of a request have.
	 * @throws IllegalArgumentException if it is too short
	 */
	Duration leaseOf(LockRequest request) {
		Duration wanted = (request.lease() != null) ? request.lease() : this.lease;
		check(LEASE_RULE, wanted, MIN_LEASE);
		return (wanted.compareTo(MAX_LEASE) < 0) ? wanted : MAX_LEASE;
	}

	@Nullable Duration waitTimeOf(LockRequest request) {
		return (request.waitTime() != null) ? request.waitTime() : this.waitTime;
	}

	/**
	 * A name that tells people the host and the process, and is unique by chance.
	 * @return host, process id and a random part
	 */
	public static String newInstanceName() {
		String host;
		try {
			host = InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			// A host that does not know its own name; the random part is what counts.
			host = "unknown";
		}
		return newInstanceName(host + "-" + ProcessHandle.current().pid());
	}

	/**
	 * A name that people know, made unique by chance.
	 * @param known by which name people know the instance; what a name may not have is
	 * replaced, and what is too long is cut
	 * @return that name and a random part
	 */
	public static String newInstanceName(String known) {
		String readable = known.replaceAll("[^A-Za-z0-9.:_-]", "_");
		String random = UUID.randomUUID().toString().replace("-", "").substring(0, 16);
		return readable.substring(0, Math.min(readable.length(), MAX_INSTANCE_LENGTH - random.length() - 1)) + "-"
				+ random;
	}

}
