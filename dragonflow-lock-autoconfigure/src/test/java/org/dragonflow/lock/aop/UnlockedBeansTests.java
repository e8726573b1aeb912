package org.dragonflow.lock.aop;

import java.util.Objects;
import java.util.function.Consumer;

import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.autoproxy.BeanNameAutoProxyCreator;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.Ordered;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A bean that could not be locked does not start, and what can be is left in peace.
 */
class UnlockedBeansTests {

	@Test
	void aBeanThatAPostProcessorNeedsIsRefused() {
		FailureAnalysis analysis = analyze(Service.class, NeedsService.class);
		assertThat(analysis.getDescription()).contains("@NbLocked on " + Service.class.getName() + ".work(String)")
			.contains(
					"the bean 'unlockedBeansTests.Service' is created while Spring still collects its post-processors")
			.contains("'unlockedBeansTests.NeedsService', which needs", "'unlockedBeansTests.Service'");
		assertThat(analysis.getAction()).contains("ObjectProvider", "@Lazy", "static");
	}

	@Test
	void theWholeWayToTheBeanIsNamed() {
		assertThat(analyze(Service.class, Between.class, NeedsBetween.class).getDescription()).containsSubsequence(
				"'unlockedBeansTests.NeedsBetween'", "which needs", "'unlockedBeansTests.Between'", "which needs",
				"'unlockedBeansTests.Service'");
	}

	@Test
	void aPrototypeAndAFactorysProductAndAnInnerBeanAreRefusedToo() {
		assertThat(analyze(Prototype.class, NeedsService.class).getDescription()).contains("created while");
		assertThat(analyze(ServiceFactoryBean.class, NeedsService.class).getDescription()).contains("created while");
		assertThat(analyze(ServiceInside.class).getDescription()).contains("created while");
	}

	@Test
	void aPostProcessorThatIsAnnotatedItselfIsRefused() {
		assertThat(analyze(AnnotatedPostProcessor.class).getDescription()).contains("and is one itself");
	}

	@Test
	void aConfigurationThatAPostProcessorIsAMethodOfIsRefused() {
		FailureAnalysis analysis = analyze(ConfigurationWithPostProcessor.class);
		assertThat(analysis.getDescription()).contains("ConfigurationWithPostProcessor.work(String)", "created while");
		assertThat(analysis.getAction()).contains("make that method static");
	}

	@Test
	void aBeanThatIsAskedForBeforeThePostProcessorsIsRefused() {
		assertThat(analyze(Service.class, AskingFactoryPostProcessor.class).getDescription()).contains("created while");
	}

	@Test
	void aBeanThatAnOtherRegistrysPostProcessorHasMadeBeforeIsRefused() {
		FailureAnalysis analysis = analyze((context) -> {
			context.registerBean("service", Service.class);
			context.addBeanFactoryPostProcessor(
					(BeanDefinitionRegistryPostProcessor) (registry) -> ((BeanFactory) registry).getBean("service"));
		});
		assertThat(analysis.getDescription()).contains("'service' is created while");
	}

	@Test
	void aSingletonThatIsPutIntoTheFactoryAsItIsIsRefused() {
		FailureAnalysis analysis = analyze(
				(context) -> context.getBeanFactory().registerSingleton("asItIs", new Service()));
		assertThat(analysis.getDescription()).contains("'asItIs' was put into the bean factory as it is");
		assertThat(analysis.getAction()).contains("Register a bean definition");
	}

	@Test
	void aBeanThatIsNotProcessedIsRefused() {
		FailureAnalysis analysis = analyze((context) -> {
			RootBeanDefinition definition = new RootBeanDefinition(Service.class);
			definition.setSynthetic(true);
			context.registerBeanDefinition("synthetic", definition);
		});
		assertThat(analysis.getDescription()).contains("'synthetic'");
	}

	@Test
	void aBeanOfAParentThatKnowsNothingOfLocksIsRefused() {
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext(Service.class)) {
			FailureAnalysis analysis = analyze((context) -> context.setParent(parent));
			assertThat(analysis.getDescription()).contains("'unlockedBeansTests.Service' belongs to a parent context");
		}
	}

	@Test
	void aBeanOfAParentThatLocksIsFine() {
		try (AnnotationConfigApplicationContext parent = AspectFixture.context(Service.class)) {
			AnnotationConfigApplicationContext context = context((child) -> child.setParent(parent));
			context.refresh();
			context.close();
		}
	}

	@Test
	void aBeanThatIsInfrastructureOfAopIsLockedOrRefused() {
		assertThat(analyze(AopBean.class).getDescription()).contains("cannot be advised");
	}

	@Test
	void aPostProcessorThatFetchesTheBeanLaterIsFine() {
		assertLocked(Service.class, NeedsItLater.class);
		assertLocked(Service.class, NeedsLazily.class);
	}

	@Test
	void aPostProcessorWithoutAnOrderFindsTheBeanLocked() {
		assertLocked(Service.class, NeedsServiceLate.class);
	}

	@Test
	void aBeanBehindAScopedProxyIsLockedThere() {
		assertLocked(Scoped.class);
	}

	@Test
	void anInnerBeanAndAFactorysProductAreLocked() {
		assertLocked(ServiceFactoryBean.class);
	}

	@Test
	void aBeanThatOthersHaveProxiedIsLocked() {
		assertLocked(Service.class, Proxying.class);
	}

	@Test
	void aConfigurationsAnnotatedMethodIsLocked() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(AnnotatedBeanMethod.class)) {
			assertThat(context.getBean("made")).isEqualTo("made");
			assertThat(context.getBean(RecordingLock.class).events).containsExactly("lock [made]", "release [made]");
		}
	}

	@Test
	void aLazyBeanStaysLazy() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(LazyService.class)) {
			assertThat(context.getBeanFactory().containsSingleton("unlockedBeansTests.LazyService")).isFalse();
			context.getBean(Service.class).work("a");
			assertThat(context.getBean(RecordingLock.class).events).hasSize(2);
		}
	}

	@Test
	void whatATestHasPutInThePlaceOfABeanIsLeftAlone() {
		try (AnnotationConfigApplicationContext context = context((prepared) -> {
			prepared.registerBean("service", Service.class);
			prepared.addBeanFactoryPostProcessor(
					(beanFactory) -> beanFactory.registerSingleton("other", "so that there is one"));
			prepared.registerBean(Replacing.class);
		})) {
			context.refresh();
			assertThat(AopUtils.isAopProxy(context.getBean("service"))).isFalse();
		}
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void springWarnsOfNoBeanAsCreatedBeforeItsPostProcessors(CapturedOutput output) {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Service.class)) {
			context.getBean(Service.class).work("a");
		}
		assertThat(output).doesNotContain("not eligible for getting processed");
	}

	private static void assertLocked(Class<?>... components) {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(components)) {
			context.getBean(Service.class).work("a");
			assertThat(context.getBean(RecordingLock.class).events).containsExactly("lock [a]", "release [a]");
		}
	}

	private static AnnotationConfigApplicationContext context(Consumer<AnnotationConfigApplicationContext> prepare) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.register(AspectFixture.AspectConfiguration.class);
		prepare.accept(context);
		return context;
	}

	private static FailureAnalysis analyze(Class<?>... components) {
		return analyze((context) -> context.register(components));
	}

	private static FailureAnalysis analyze(Consumer<AnnotationConfigApplicationContext> prepare) {
		AnnotationConfigApplicationContext context = context(prepare);
		Throwable failure = catchThrowable(context::refresh);
		context.close();
		assertThat(failure).as("The failure of the start").isNotNull();
		@Nullable FailureAnalysis analysis = new InvalidNbLockedFailureAnalyzer().analyze(failure);
		assertThat(analysis).as("analysis of " + failure).isNotNull();
		return Objects.requireNonNull(analysis);
	}

	static class Service {

		@NbLocked("#id")
		public void work(String id) {
		}

	}

	@Scope("prototype")
	static class Prototype extends Service {

	}

	@Lazy
	static class LazyService extends Service {

	}

	@Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
	static class Scoped extends Service {

	}

	static class AopBean extends Service implements AopInfrastructureBean {

	}

	static class ServiceFactoryBean implements FactoryBean<Service> {

		@Override
		public Service getObject() {
			return new Service();
		}

		@Override
		public Class<?> getObjectType() {
			return Service.class;
		}

	}

	static class OrderedPostProcessor implements BeanPostProcessor, Ordered {

		@Override
		public int getOrder() {
			return 0;
		}

	}

	static class NeedsService extends OrderedPostProcessor {

		NeedsService(Service service) {
			service.toString();
		}

	}

	static class NeedsServiceLate implements BeanPostProcessor {

		NeedsServiceLate(Service service) {
			service.toString();
		}

	}

	record Between(Service service) {
	}

	static class NeedsBetween extends OrderedPostProcessor {

		NeedsBetween(Between between) {
			between.toString();
		}

	}

	static class NeedsItLater extends OrderedPostProcessor {

		NeedsItLater(ObjectProvider<Service> service) {
			service.toString();
		}

	}

	static class NeedsLazily extends OrderedPostProcessor {

		NeedsLazily(@Lazy Service service) {
		}

	}

	static class AnnotatedPostProcessor extends OrderedPostProcessor {

		@NbLocked("#id")
		public void work(String id) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ServiceInside {

		@Bean
		static BeanFactoryPostProcessor definitions() {
			return (beanFactory) -> {
				RootBeanDefinition outer = new RootBeanDefinition(NeedsService.class);
				outer.getConstructorArgumentValues().addGenericArgumentValue(new RootBeanDefinition(Service.class));
				((BeanDefinitionRegistry) beanFactory).registerBeanDefinition("outer", outer);
			};
		}

	}

	@Configuration
	static class ConfigurationWithPostProcessor {

		@NbLocked("#id")
		public void work(String id) {
		}

		@Bean
		OrderedPostProcessor notStatic() {
			return new OrderedPostProcessor();
		}

	}

	@Configuration
	static class AnnotatedBeanMethod {

		@Bean
		@Lazy
		@NbLocked("'made'")
		public String made() {
			return "made";
		}

	}

	static class AskingFactoryPostProcessor implements BeanFactoryPostProcessor {

		@Override
		public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) throws BeansException {
			beanFactory.getBean(Service.class);
		}

	}

	static class Replacing implements BeanFactoryPostProcessor {

		@Override
		public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) throws BeansException {
			beanFactory.registerSingleton("service", new Service());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Proxying implements BeanFactoryAware {

		@Override
		public void setBeanFactory(BeanFactory beanFactory) throws BeansException {
		}

		@Bean
		static BeanNameAutoProxyCreator creator() {
			BeanNameAutoProxyCreator creator = new BeanNameAutoProxyCreator();
			creator.setBeanNames("*Service");
			creator.setProxyTargetClass(true);
			return creator;
		}

	}

}
