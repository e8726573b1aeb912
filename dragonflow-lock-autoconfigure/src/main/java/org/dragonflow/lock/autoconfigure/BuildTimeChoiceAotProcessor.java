package org.dragonflow.lock.autoconfigure;

import javax.lang.model.element.Modifier;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.generate.GeneratedClass;
import org.springframework.aot.generate.GeneratedMethod;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Lets an application that was processed ahead of time check at its start that nothing
 * else is wanted than what it was processed for. Not by a bean: where the locks were
 * switched off there is none, and that is the case in which nobody would notice.
 */
final class BuildTimeChoiceAotProcessor implements BeanFactoryInitializationAotProcessor {

	@Override
	public @Nullable BeanFactoryInitializationAotContribution processAheadOfTime(
			ConfigurableListableBeanFactory beanFactory) {
		if (!beanFactory.containsBean(ConfigurableApplicationContext.ENVIRONMENT_BEAN_NAME)) {
			return null;
		}
		BuildTimeChoice choice = BuildTimeChoice
			.of(beanFactory.getBean(ConfigurableApplicationContext.ENVIRONMENT_BEAN_NAME, Environment.class));
		if (choice.enabled()
				&& beanFactory.getBeanNamesForType(DragonflowLockAutoConfiguration.class, true, false).length == 0) {
			// No locks in this context, whatever is configured.
			return null;
		}
		return (generation, code) -> {
			GeneratedClass generated = generation.getGeneratedClasses()
				.addForFeatureComponent("BuildTimeCheck", DragonflowLockAutoConfiguration.class,
						(type) -> type.addJavadoc("Checks what was chosen when the application was processed.")
							.addModifiers(Modifier.PUBLIC));
			GeneratedMethod check = generated.getMethods()
				.add("check",
						(method) -> method.addModifiers(Modifier.PUBLIC, Modifier.STATIC)
							.addParameter(Environment.class, "environment")
							.addStatement("$T.check(environment, $L, $S, $L)", BuildTimeChoice.class, choice.enabled(),
									choice.driver(), choice.schema()));
			code.addInitializer(check.toMethodReference());
		};
	}

}
