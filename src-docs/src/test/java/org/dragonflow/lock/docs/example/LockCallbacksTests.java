package org.dragonflow.lock.docs.example;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.event.EventListener;
import org.springframework.core.task.TaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Listeners and actions run where the page says.
 */
class LockCallbacksTests {

	private final ApplicationContextRunner application = new ApplicationContextRunner()
		.withPropertyValues("dragonflow.lock.driver=local")
		.withConfiguration(AutoConfigurations.of(DragonflowLockAutoConfiguration.class,
				LocalLockAutoConfiguration.class, TaskExecutionAutoConfiguration.class))
		.withBean(Told.class);

	@Test
	void anExecutorOfTheApplicationRunsThem() {
		this.application.withUserConfiguration(LockCallbacks.class).run((context) -> {
			assertThat(threadsThatTell(context)).hasSize(2).allMatch((thread) -> thread.getName().startsWith("locks-"));
			assertThat(context.getBean(TaskExecutor.class)).as("the executor for all else")
				.isSameAs(context.getBean("applicationTaskExecutor"));
		});
	}

	@Test
	void withoutOneTheLibraryHasThreadsForThem() {
		this.application.run((context) -> assertThat(threadsThatTell(context)).hasSize(2)
			.allMatch((thread) -> thread.getName().matches("dragonflow-lock-(listener|action).*"))
			.noneMatch(LockCallbacksTests::isVirtual));
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void theseAreVirtualWhereTheApplicationsAre() {
		this.application.withPropertyValues("spring.threads.virtual.enabled=true")
			.run((context) -> assertThat(threadsThatTell(context)).hasSize(2)
				.allMatch((thread) -> thread.getName().matches("dragonflow-lock-(listener|action).*"))
				.allMatch(LockCallbacksTests::isVirtual));
	}

	private static boolean isVirtual(Thread thread) {
		return thread.getClass().getSimpleName().equals("VirtualThread");
	}

	/**
	 * Has an event listener and an action told of something.
	 */
	private static List<Thread> threadsThatTell(BeanFactory context) throws InterruptedException {
		DistributedLock lock = context.getBean(DistributedLock.class);
		Told told = context.getBean(Told.class);
		try (LockHandle handle = lock.acquire(LockRequest.of("net-1"))) {
			handle.onRevocation(told::add);
			lock.requestRevocation("net-1");
			await().until(() -> told.threads.size() == 2);
		}
		return told.threads;
	}

	static final class Told {

		private final List<Thread> threads = new CopyOnWriteArrayList<>();

		@EventListener
		void asked(LockRevocationEvent event) {
			add();
		}

		void add() {
			this.threads.add(Thread.currentThread());
		}

	}

}
