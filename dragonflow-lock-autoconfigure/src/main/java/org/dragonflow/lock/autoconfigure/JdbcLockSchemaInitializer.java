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

import org.dragonflow.lock.jdbc.JdbcLockSettings;

import org.springframework.boot.jdbc.init.PropertiesBasedDataSourceScriptDatabaseInitializer;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.datasource.init.ScriptException;

/**
 * Creates the lock table and what belongs to it. The scripts name the default table, so
 * that they can be used by hand; another name is put in its place.
 */
final class JdbcLockSchemaInitializer extends PropertiesBasedDataSourceScriptDatabaseInitializer<JdbcLockProperties> {

	private static final Pattern DEFAULT_TABLE = Pattern
		.compile("\\b" + JdbcLockSettings.DEFAULT_TABLE + "(?=\\b|_SEQ\\b|_TURN\\b|_CLOCK\\b|_MILLIS\\b)");

	private final DataSource dataSource;

	private final String table;

	JdbcLockSchemaInitializer(DataSource dataSource, JdbcLockProperties properties) {
		super(dataSource, properties);
		this.dataSource = dataSource;
		this.table = properties.getTable();
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
