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
		.compile("\\b" + JdbcLockSettings.DEFAULT_TABLE + "(?=\\b|_CLOCK\\b|_MILLIS\\b)");

	private final DataSource dataSource;

	private final String table;

	private JdbcLockSchemaInitializer(DataSource dataSource, JdbcLockProperties properties) {
		super(dataSource, properties);
		this.dataSource = dataSource;
		this.table = properties.toSettings().table();
	}

	/**
	 * Creates an initializer, for which it asks the database of which kind it is.
	 * @throws LockStoreException if the database cannot be reached, or is not known
	 */
	static JdbcLockSchemaInitializer of(DataSource dataSource, JdbcLockProperties properties) {
		try {
			return new JdbcLockSchemaInitializer(dataSource, properties);
		}
		catch (IllegalStateException ex) {
			// Often this is the first that the application asks of its database, so the
			// developer has to hear of a wrong address or password from here.
			if (ex.getCause() != null) {
				throw LockStoreException.unreachable("Could not find out which database it is: " + reason(ex), ex);
			}
			throw LockStoreException.refused(
					"The database is of no known kind; name one that it speaks like by 'dragonflow.lock.jdbc.platform'",
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
			throw (ex.getCause() instanceof CannotGetJdbcConnectionException) ? LockStoreException.unreachable(what, ex)
					: LockStoreException.refused(what, ex);
		}
	}

	@Override
	protected void runScripts(Scripts scripts) {
		Charset encoding = (scripts.getEncoding() != null) ? scripts.getEncoding() : StandardCharsets.UTF_8;
		List<Resource> resources = new ArrayList<>();
		scripts.forEach((script) -> resources.add(withTable(script, encoding)));
		Scripts prepared = new Scripts(resources).continueOnError(scripts.isContinueOnError())
			.separator(scripts.getSeparator())
			.encoding(encoding);
		try {
			super.runScripts(prepared);
		}
		catch (ScriptException ex) {
			// Derby cannot say "IF NOT EXISTS", and PostgreSQL fails at it where another
			// instance creates the same at the same moment. So what fails may be there.
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

	// What the database or its client has said, which names the address.
	private static @Nullable String reason(Throwable failure) {
		Throwable reason = failure;
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
