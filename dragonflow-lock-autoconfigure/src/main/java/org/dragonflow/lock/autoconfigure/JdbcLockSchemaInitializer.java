package org.dragonflow.lock.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.jdbc.JdbcLockSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.init.PropertiesBasedDataSourceScriptDatabaseInitializer;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.init.ScriptException;

/**
 * Creates the lock table and what belongs to it. The scripts name the default table, so
 * that they can be used by hand; another name is put in its place.
 */
final class JdbcLockSchemaInitializer extends PropertiesBasedDataSourceScriptDatabaseInitializer<JdbcLockProperties> {

	private static final Pattern DEFAULT_TABLE = Pattern
		.compile("\\b" + JdbcLockSettings.DEFAULT_TABLE + "(?=\\b|_CLOCK\\b|_MEMORY\\b|_MILLIS\\b)");

	private static final String REFUSED = ". Let the DataSource's user create tables in that schema, which must exist; or name a"
			+ " table in another one by 'dragonflow.lock.jdbc.table'; or let somebody who may run the script for your"
			+ " database, 'org/dragonflow/lock/jdbc/schema-*.sql' on the class path.";

	private static final String NO_SCRIPT = ". Name a script that exists by 'dragonflow.lock.jdbc.schema'; or create the table by hand"
			+ " and set 'dragonflow.lock.jdbc.initialize-schema=never'.";

	private final DataSource dataSource;

	private final String table;

	private JdbcLockSchemaInitializer(DataSource dataSource, JdbcLockProperties properties, String table) {
		super(dataSource, properties);
		this.dataSource = dataSource;
		this.table = table;
	}

	/**
	 * Creates an initializer, for which it asks the database of which kind it is.
	 * @throws LockStoreException if the database cannot be reached, or is not known
	 */
	static JdbcLockSchemaInitializer of(DataSource dataSource, JdbcLockProperties properties) {
		// First, for Boot asks for a script by any name of a platform.
		String table = properties.toSettings().table();
		try {
			return new JdbcLockSchemaInitializer(dataSource, properties, table);
		}
		catch (IllegalStateException ex) {
			// Often this is the first that the application asks of its database, so the
			// developer has to hear of a wrong address or password from here.
			String product = product(dataSource, ex);
			throw LockStoreException
				.refused(
						"There is no script to create the table " + table + " in a database which calls itself '"
								+ product + "'. Say by 'dragonflow.lock.jdbc.platform' which of these it speaks like: "
								+ String.join(", ", JdbcLockSettings.platforms()) + " (portable for any other kind).",
						ex);
		}
	}

	@Override
	public boolean initializeDatabase() {
		try {
			return super.initializeDatabase();
		}
		catch (ScriptException | IllegalStateException ex) {
			String what = "Could not create the table " + this.table + ": " + reason(ex);
			if (ex.getCause() instanceof CannotGetJdbcConnectionException) {
				throw LockStoreException.unreachable(what, ex);
			}
			throw LockStoreException.refused(what + ((ex instanceof ScriptException) ? REFUSED : NO_SCRIPT), ex);
		}
	}

	@Override
	protected void runScripts(Scripts scripts) {
		Charset encoding = (scripts.getEncoding() != null) ? scripts.getEncoding() : StandardCharsets.UTF_8;
		List<Resource> resources = new ArrayList<>();
		scripts.forEach((script) -> resources.add(withTable(script, encoding)));
		Scripts prepared = new Scripts(resources).separator(scripts.getSeparator()).encoding(encoding);
		try {
			// Whatever 'continue-on-error' says: who continues does not say what failed.
			super.runScripts(prepared.continueOnError(false));
		}
		catch (ScriptException ex) {
			if (ex.getCause() instanceof CannotGetJdbcConnectionException) {
				throw ex;
			}
			// Derby cannot say "IF NOT EXISTS", and PostgreSQL fails at it where another
			// instance creates the same at the same moment, and where the user may not
			// create anything. So what fails may be there.
			super.runScripts(prepared.continueOnError(true));
			checkTable(ex);
		}
	}

	private void checkTable(ScriptException failure) {
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement()) {
			statement.executeQuery("SELECT token FROM " + this.table + " WHERE lock_key = ''").close();
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
			throw failure;
		}
	}

	private static String product(DataSource dataSource, IllegalStateException failure) {
		try (Connection connection = dataSource.getConnection()) {
			return connection.getMetaData().getDatabaseProductName();
		}
		catch (SQLException | RuntimeException ex) {
			failure.addSuppressed(ex);
			throw LockStoreException.unreachable("Could not find out which database it is: " + reason(failure),
					failure);
		}
	}

	// What the database or its client has said, which names the address.
	private static @Nullable String reason(Throwable failure) {
		Throwable reason = NestedExceptionUtils.getMostSpecificCause(failure);
		for (Throwable next = failure; next != null; next = next.getCause()) {
			if (next instanceof SQLException) {
				reason = next;
			}
		}
		return reason.getMessage();
	}

	private Resource withTable(Resource script, Charset encoding) {
		try {
			String text = DEFAULT_TABLE.matcher(script.getContentAsString(encoding))
				.replaceAll(Matcher.quoteReplacement(this.table));
			return new ByteArrayResource(text.getBytes(encoding), script.getDescription());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Could not read " + script.getDescription(), ex);
		}
	}

}
