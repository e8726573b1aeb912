package org.dragonflow.lock.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Writes down whatever its connections send to the database, and can hold it up or let it
 * fail.
 */
final class CountingDataSource extends DelegatingDataSource {

	private static final Set<String> SENDING = Set.of("commit", "rollback", "setTransactionIsolation", "setSavepoint",
			"setSchema", "setCatalog", "setReadOnly", "isValid");

	private final List<String> sent = Collections.synchronizedList(new ArrayList<>());

	private final Map<String, Runnable> held = new ConcurrentHashMap<>();

	private final AtomicInteger untilFailure = new AtomicInteger();

	private volatile @Nullable SQLException failure;

	CountingDataSource(DataSource dataSource) {
		super(dataSource);
	}

	@Override
	public Connection getConnection() throws SQLException {
		return watched(Connection.class, super.getConnection(), "");
	}

	/**
	 * What was sent since this was asked last.
	 */
	List<String> sent() {
		synchronized (this.sent) {
			List<String> result = List.copyOf(this.sent);
			this.sent.clear();
			return result;
		}
	}

	/**
	 * Lets something happen right before the next statement of a kind is sent.
	 * @param verb the statement's first word
	 */
	void before(String verb, Runnable action) {
		this.held.put(verb, action);
	}

	/**
	 * Lets one statement fail.
	 * @param which 1 for the next one
	 */
	void failing(int which, SQLException failure) {
		this.failure = failure;
		this.untilFailure.set(which);
	}

	private void send(String sql) throws SQLException {
		Runnable action = this.held.remove(sql.substring(0, (sql + ' ').indexOf(' ')));
		if (action != null) {
			action.run();
		}
		this.sent.add(sql);
		SQLException failing = this.failure;
		if (failing != null && this.untilFailure.decrementAndGet() == 0) {
			throw failing;
		}
	}

	private <T> T watched(Class<T> type, T target, String sql) {
		return type.cast(Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { sqlType(type, target) },
				(proxy, method, arguments) -> {
					String name = method.getName();
					if (name.startsWith("execute")) {
						send((arguments != null) ? String.valueOf(arguments[0]) : sql);
					}
					else if (SENDING.contains(name)) {
						this.sent.add(name);
					}
					try {
						return watchedResult(method.invoke(target, arguments), arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				}));
	}

	private @Nullable Object watchedResult(@Nullable Object result, Object @Nullable [] arguments) {
		if (!(result instanceof Statement statement)) {
			return result;
		}
		return watched(Statement.class, statement, (arguments != null) ? String.valueOf(arguments[0]) : "");
	}

	private static Class<?> sqlType(Class<?> type, Object target) {
		return (target instanceof java.sql.PreparedStatement) ? java.sql.PreparedStatement.class : type;
	}

}
