package org.dragonflow.lock.autoconfigure;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.persistence.EntityManager;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.spi.LockKey;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;
import org.springframework.util.ConcurrentReferenceHashMap;

/**
 * Sees where a thread takes a lock although it may go on working with what it has read
 * before: the update of the holder before it would be lost.
 */
final class ReadBeforeLock {

	private static final Log logger = LogFactory.getLog(ReadBeforeLock.class);

	private static final boolean JDBC = isPresent("org.springframework.jdbc.datasource.ConnectionHolder");

	private static final boolean JPA = isPresent("org.springframework.orm.jpa.EntityManagerHolder");

	private static final boolean HIBERNATE = isPresent("org.hibernate.Session");

	private final Reaction reaction;

	private final Set<String> places = ConcurrentHashMap.newKeySet();

	// Asked once for each data source: some drivers ask the server.
	private final Map<Object, Integer> defaultIsolations = new ConcurrentReferenceHashMap<>();

	ReadBeforeLock(Reaction reaction) {
		this.reaction = reaction;
	}

	void check(List<LockKey> keys) {
		if (this.reaction == Reaction.IGNORE) {
			return;
		}
		String problem = problem();
		if (problem == null) {
			return;
		}
		String place = CallingPlace.find();
		if (this.reaction == Reaction.FAIL) {
			throw new IllegalStateException(describe(keys, place, problem));
		}
		if (this.places.add(place)) {
			logger.warn(describe(keys, place, problem) + " This is said once for each place.");
		}
	}

	private static String describe(List<LockKey> keys, String place, String problem) {
		return "The lock on '" + keys.get(0).objectId() + "'" + ((keys.size() > 1) ? " and others" : "")
				+ " is taken by " + place + " " + problem + ", so an update may be lost. Take the lock first"
				+ " and read then, or refresh what was read; the page 'Reading before the lock' has the ways out."
				+ " dragonflow.lock.transaction.read-before-lock=ignore turns this off.";
	}

	private @Nullable String problem() {
		boolean inTransaction = TransactionSynchronizationManager.isActualTransactionActive();
		Map<Object, Object> resources = TransactionSynchronizationManager.getResourceMap();
		if (!inTransaction && resources.isEmpty()) {
			return null;
		}
		if (inTransaction) {
			Integer isolation = TransactionSynchronizationManager.getCurrentTransactionIsolationLevel();
			if (isolation == null && JDBC) {
				isolation = defaultIsolation(resources);
			}
			if (isolation != null && isolation >= Connection.TRANSACTION_REPEATABLE_READ) {
				return "inside a transaction that has begun already, and whose isolation is "
						+ ((isolation == Connection.TRANSACTION_REPEATABLE_READ) ? "REPEATABLE_READ" : "SERIALIZABLE")
						+ ": if it has read before, it goes on seeing the state of then";
			}
		}
		return (JPA && Jpa.hasRead(resources)) ? "with entities in the thread's EntityManager"
				+ " that were read before: to read them again gives the state of then" : null;
	}

	private @Nullable Integer defaultIsolation(Map<Object, Object> resources) {
		for (Map.Entry<Object, Object> resource : resources.entrySet()) {
			Integer isolation = this.defaultIsolations.get(resource.getKey());
			if (isolation == null) {
				isolation = Jdbc.isolation(resource.getValue());
				if (isolation != null) {
					this.defaultIsolations.put(resource.getKey(), isolation);
				}
			}
			if (isolation != null && isolation >= Connection.TRANSACTION_REPEATABLE_READ) {
				return isolation;
			}
		}
		return null;
	}

	private static boolean isPresent(String name) {
		return ClassUtils.isPresent(name, ReadBeforeLock.class.getClassLoader());
	}

	/**
	 * What to do about it.
	 */
	enum Reaction {

		/**
		 * Logs a warning, once for each place in the code.
		 */
		WARN,

		/**
		 * Nothing.
		 */
		IGNORE,

		/**
		 * Throws an exception before the lock is taken.
		 */
		FAIL

	}

	/**
	 * Loaded where there is spring-jdbc.
	 */
	private static final class Jdbc {

		static @Nullable Integer isolation(Object resource) {
			if (!(resource instanceof ConnectionHolder holder)) {
				return null;
			}
			try {
				return holder.getConnection().getTransactionIsolation();
			}
			catch (SQLException ex) {
				// The transaction will hear of it when it uses the connection.
				logger.debug("The isolation of a transaction cannot be known", ex);
				return null;
			}
		}

	}

	/**
	 * Loaded where there is spring-orm.
	 */
	private static final class Jpa {

		static boolean hasRead(Map<Object, Object> resources) {
			for (Object resource : resources.values()) {
				if (resource instanceof EntityManagerHolder holder && mayHaveRead(holder.getEntityManager())) {
					return true;
				}
			}
			return false;
		}

		// Of other implementations it cannot be known.
		private static boolean mayHaveRead(EntityManager entityManager) {
			return entityManager.isOpen() && (!HIBERNATE || Hibernate.hasRead(entityManager));
		}

	}

	/**
	 * Loaded where there is Hibernate.
	 */
	private static final class Hibernate {

		static boolean hasRead(EntityManager entityManager) {
			return !(entityManager instanceof Session session) || session.getStatistics().getEntityCount() > 0;
		}

	}

}
