package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.UUID;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.JdbcLockAutoConfiguration;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What a developer reads whose database does not let the table be created.
 */
@ExtendWith(OutputCaptureExtension.class)
class TableCreationTests {

	private final Database database = PostgresServer.shared().newDatabase();

	private final JdbcTemplate owner = new JdbcTemplate(this.database.dataSource());

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whereTheUserMayCreateNothingTheDatabaseSaysSo(boolean continueOnError, CapturedOutput output) {
		Database user = userWithoutRights();
		assertNoStart(output, user, "--dragonflow.lock.jdbc.initialize-schema=always",
				"--dragonflow.lock.jdbc.continue-on-error=" + continueOnError);
		assertThat(output).contains("Could not create the table DRAGONFLOW_LOCK", "permission denied for schema public",
				"Let the DataSource's user create tables");
		assertThat(output).doesNotContain("initialize-schema=always");
	}

	@Test
	void whereTheSchemaIsMissingTheDatabaseSaysSo(CapturedOutput output) {
		assertNoStart(output, this.database, "--dragonflow.lock.jdbc.initialize-schema=always",
				"--dragonflow.lock.jdbc.table=nowhere.locks");
		assertThat(output).contains("Could not create the table nowhere.locks", "schema \"nowhere\" does not exist",
				"which must exist", "dragonflow.lock.jdbc.table");
	}

	@Test
	void whereNoSchemaIsInThePathTheDatabaseSaysSo(CapturedOutput output) {
		Database lost = new Database(this.database.jdbcUrl() + "?currentSchema=nowhere", this.database.username(),
				this.database.password());
		assertNoStart(output, lost, "--dragonflow.lock.jdbc.initialize-schema=always");
		assertThat(output).contains("no schema has been selected to create in");
	}

	@ParameterizedTest
	@ValueSource(strings = { "embedded", "never" })
	void whereTheTableIsNotToBeCreatedThatIsTheAdvice(String initialize, CapturedOutput output) {
		assertNoStart(output, this.database, "--dragonflow.lock.jdbc.initialize-schema=" + initialize);
		assertThat(output).contains("relation \"dragonflow_lock\" does not exist",
				"'dragonflow.lock.jdbc.initialize-schema=always'");
	}

	@Test
	void aTableThatSomebodyElseHasCreatedIsUsedByWhoMayNotCreateIt() throws InterruptedException {
		Database user = userWithoutRights();
		new TestDatabase("postgresql", this.database).withTable();
		this.owner.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + user.username());
		this.owner.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO " + user.username());
		try (ConfigurableApplicationContext application = start(user,
				"--dragonflow.lock.jdbc.initialize-schema=always")) {
			assertThat(application.getBean(DistributedLock.class).tryLock("net-1", Duration.ZERO)).isTrue();
		}
	}

	private Database userWithoutRights() {
		String user = "u" + UUID.randomUUID().toString().replace("-", "");
		this.owner.execute("CREATE USER " + user + " PASSWORD 'secret'");
		this.owner.execute("REVOKE CREATE ON SCHEMA public FROM public");
		return new Database(this.database.jdbcUrl(), user, "secret");
	}

	private static void assertNoStart(CapturedOutput output, Database database, String... settings) {
		assertThatThrownBy(() -> start(database, settings).close()).isNotNull();
		assertThat(output).contains("APPLICATION FAILED TO START", "The store of the distributed lock refuses");
	}

	private static ConfigurableApplicationContext start(Database database, String... settings) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		String[] arguments = new String[settings.length + 4];
		arguments[0] = "--dragonflow.lock.driver=jdbc";
		arguments[1] = "--spring.datasource.url=" + database.jdbcUrl();
		arguments[2] = "--spring.datasource.username=" + database.username();
		arguments[3] = "--spring.datasource.password=" + database.password();
		System.arraycopy(settings, 0, arguments, 4, settings.length);
		return application.run(arguments);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, JdbcLockAutoConfiguration.class,
			DragonflowLockAutoConfiguration.class })
	static class Application {

	}

}
