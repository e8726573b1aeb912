package org.dragonflow.lock.aop;

import org.dragonflow.lock.NbLocked;
import org.junit.jupiter.api.Test;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is done with locked methods while an application is processed ahead of time.
 */
class NbLockedAotProcessorTests {

	@Test
	void theRootOfAnExpressionIsKept() {
		assertInvocable(process(Networks.class), InvocationRoot.class, "target", "method", "args");
	}

	@Test
	void theLockedMethodAndItsBeanAreKept() {
		assertInvocable(process(Networks.class), Networks.class, "update", "prefix");
	}

	@Test
	void theParametersAndWhatTheirPropertiesLeadToAreKept() {
		RuntimeHints hints = process(Networks.class);
		assertInvocable(hints, Network.class, "owner", "describe");
		assertInvocable(hints, Owner.class, "getId");
	}

	@Test
	void aBeanThatAnExpressionNamesIsKept() {
		assertInvocable(process(Networks.class, Naming.class), Naming.class, "nameOf");
	}

	@Test
	void theMethodsOfAnAnnotatedTypeAreKept() {
		assertInvocable(process(AnnotatedType.class), AnnotatedType.class, "work");
		assertInvocable(process(AnnotatedType.class), Network.class, "owner");
	}

	@Test
	void aBeanWithoutLockedMethodsIsLeftAlone() {
		assertThat(RuntimeHintsPredicates.reflection().onType(InvocationRoot.class)).as("A hint that nobody needs")
			.rejects(process(Naming.class));
	}

	@Test
	void aPlaceholderNeedsNoValueYet() {
		assertInvocable(process(Placeholders.class), Placeholders.class, "work");
	}

	@Test
	void theClassOfTheProxyIsMade() {
		assertThat(process(Networks.class).reflection().typeHints().map((hint) -> hint.getType().getName()))
			.as("The types that are kept")
			.anyMatch((name) -> name.startsWith(Networks.class.getName() + ClassUtils.CGLIB_CLASS_SEPARATOR));
	}

	@Test
	void aFinalClassIsToldAtOnce() {
		assertThatExceptionOfType(InvalidNbLockedException.class).isThrownBy(() -> process(FinalType.class))
			.withMessageContaining("FinalType.work(String) cannot work")
			.withMessageContaining("FinalType is final");
	}

	private static RuntimeHints process(Class<?>... components) {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.register(AspectFixture.AspectConfiguration.class);
			context.register(components);
			DefaultGenerationContext generation = new DefaultGenerationContext(
					new ClassNameGenerator(ClassName.get(NbLockedAotProcessorTests.class)),
					new InMemoryGeneratedFiles());
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
			return generation.getRuntimeHints();
		}
	}

	private static void assertInvocable(RuntimeHints hints, Class<?> type, String... methods) {
		for (String name : methods) {
			assertThat(type.getDeclaredMethods()).filteredOn((method) -> method.getName().equals(name))
				.as(name + " of " + type)
				.isNotEmpty()
				.allSatisfy((method) -> assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(method))
					.accepts(hints));
		}
	}

	public static class Owner {

		public String getId() {
			return "owner";
		}

	}

	public record Network(Owner owner) {

		public String describe() {
			return "network";
		}

	}

	static class Networks {

		@NbLocked("#root.target.prefix() + @'nbLockedAotProcessorTests.Naming'" + ".nameOf(#network.owner.id)")
		public void update(Network network) {
		}

		public String prefix() {
			return "n";
		}

	}

	static class Naming {

		public String nameOf(String id) {
			return id;
		}

	}

	@NbLocked("#network.owner.id")
	static class AnnotatedType {

		public void work(Network network) {
		}

	}

	static class Placeholders {

		@NbLocked(value = "#id + ${only.at.run.time}", lease = "${only.at.run.time}")
		public void work(String id) {
		}

	}

	static final class FinalType {

		@NbLocked("#id")
		public void work(String id) {
		}

	}

}
