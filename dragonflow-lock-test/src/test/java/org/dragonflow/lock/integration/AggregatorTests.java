package org.dragonflow.lock.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import org.dragonflow.lock.test.servers.Database;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.dsl.IntegrationFlow;
import org.springframework.integration.jdbc.store.JdbcMessageStore;
import org.springframework.integration.store.MessageGroupStore;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Integration's aggregator in two instances of an application, with a shared
 * message store: what belongs together is put together once, wherever its parts arrive.
 */
@Timeout(120)
class AggregatorTests {

	private static final int GROUPS = 20;

	private static final int PARTS = 8;

	private static final int THREADS_PER_INSTANCE = 4;

	private final Database database = new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");

	private final Applications applications = new Applications(Aggregation.class, this.database);

	@AfterEach
	void stop() {
		this.applications.close();
	}

	@Test
	void nothingIsLostOrDoubledBetweenThreadsAndInstances() throws Exception {
		new ResourceDatabasePopulator(new ClassPathResource("org/springframework/integration/jdbc/schema-h2.sql"))
			.execute(this.database.dataSource());
		List<ApplicationContext> instances = List.of(this.applications.start(), this.applications.start());
		sendAll(instances);
		List<List<String>> aggregates = new ArrayList<>();
		for (ApplicationContext instance : instances) {
			aggregates.addAll(instance.getBean(Aggregates.class).received);
		}
		List<List<String>> expected = IntStream.range(0, GROUPS)
			.mapToObj((group) -> IntStream.range(0, PARTS).mapToObj((part) -> group + "/" + part).toList())
			.toList();
		assertThat(aggregates.stream().map((aggregate) -> aggregate.stream().sorted().toList()))
			.as("What both instances have put together")
			.containsExactlyInAnyOrderElementsOf(expected);
		assertThat(instances.get(0).getBean(MessageGroupStore.class).getMessageGroupCount())
			.as("Groups that are left in the store")
			.isZero();
	}

	/**
	 * Sends the parts of each group by all threads of all instances at about the same
	 * time.
	 */
	private static void sendAll(List<ApplicationContext> instances) throws Exception {
		List<Message<String>> parts = new ArrayList<>();
		for (int group = 0; group < GROUPS; group++) {
			for (int part = 0; part < PARTS; part++) {
				parts.add(MessageBuilder.withPayload(group + "/" + part).setCorrelationId("group-" + group).build());
			}
		}
		ConcurrentLinkedQueue<Message<String>> open = new ConcurrentLinkedQueue<>(parts);
		ExecutorService threads = Executors.newFixedThreadPool(instances.size() * THREADS_PER_INSTANCE);
		try {
			List<Future<?>> sending = new ArrayList<>();
			for (ApplicationContext instance : instances) {
				MessageChannel channel = instance.getBean("parts", MessageChannel.class);
				for (int thread = 0; thread < THREADS_PER_INSTANCE; thread++) {
					sending.add(threads.submit(() -> {
						for (Message<String> next = open.poll(); next != null; next = open.poll()) {
							channel.send(next);
						}
					}));
				}
			}
			for (Future<?> sender : sending) {
				sender.get(60, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableIntegration
	static class Aggregation {

		@Bean
		JdbcMessageStore messageStore(DataSource dataSource) {
			return new JdbcMessageStore(dataSource);
		}

		@Bean
		Aggregates aggregates() {
			return new Aggregates();
		}

		@Bean
		IntegrationFlow aggregation(LockRegistry<?> registry, MessageGroupStore store, Aggregates aggregates) {
			return IntegrationFlow.from("parts")
				.aggregate((aggregator) -> aggregator.messageStore(store)
					.lockRegistry(registry)
					.releaseStrategy((group) -> group.size() == PARTS)
					.expireGroupsUponCompletion(true))
				.handle((message) -> aggregates.add(message.getPayload()))
				.get();
		}

	}

	static final class Aggregates {

		private final ConcurrentLinkedQueue<List<String>> received = new ConcurrentLinkedQueue<>();

		void add(Object payload) {
			this.received.add(((List<?>) payload).stream().map(String::valueOf).toList());
		}

	}

}
