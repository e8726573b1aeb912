package org.dragonflow.lock.aop;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import org.aopalliance.intercept.MethodInterceptor;
import org.dragonflow.lock.NbLocked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.keyvalue.core.KeyValueTemplate;
import org.springframework.data.keyvalue.repository.support.KeyValueRepositoryFactory;
import org.springframework.data.map.MapKeyValueAdapter;
import org.springframework.data.projection.DefaultMethodInvokingMethodInterceptor;
import org.springframework.data.repository.CrudRepository;
import org.springframework.data.repository.ListCrudRepository;
import org.springframework.data.repository.NoRepositoryBean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * By whichever of its types a bean is called, what ends in an annotated method is locked.
 */
class NbLockedCalledThroughTests {

	private static final String[] LOCKED_ONCE = { "lock [w-1]", "release [w-1]" };

	@Test
	void aRepositorysRedeclaredMethodIsLockedThroughTheRepository() {
		inRepositories((context) -> {
			Widgets widgets = context.getBean(Widgets.class);
			assertLockedOnce(context, () -> widgets.save(new Widget("w-1")));
			assertLockedOnce(context, () -> widgets.deleteById("w-1"));
			assertLockedOnce(context, () -> widgets.findById("w-1"));
			assertLockedOnce(context, () -> widgets.touch("w-1"));
		});
	}

	@Test
	void aRepositorysRedeclaredMethodIsLockedThroughItsSuperInterface() {
		inRepositories((context) -> {
			CrudRepository<Widget, String> widgets = context.getBean(Widgets.class);
			assertLockedOnce(context, () -> widgets.save(new Widget("w-1")));
			assertLockedOnce(context, () -> widgets.deleteById("w-1"));
			assertLockedOnce(context, () -> widgets.findById("w-1"));
			assertNotLocked(context, () -> widgets.existsById("w-1"));
		});
	}

	@Test
	void aMethodThatABaseOfRepositoriesRedeclaresIsLocked() {
		inRepositories((context) -> {
			Gadgets gadgets = context.getBean(Gadgets.class);
			assertLockedOnce(context, () -> gadgets.save(new Gadget("w-1")));
			CrudRepository<Gadget, String> crud = gadgets;
			assertLockedOnce(context, () -> crud.save(new Gadget("w-1")));
			assertLockedOnce(context, () -> crud.deleteById("w-1"));
		});
	}

	@Test
	void anAnnotationOnARepositoryIsForWhatItInheritsToo() {
		inRepositories((context) -> {
			Tools tools = context.getBean(Tools.class);
			assertLockedOnce(context, () -> tools.existsById("w-1"));
			CrudRepository<Gadget, String> crud = tools;
			assertLockedOnce(context, () -> crud.deleteById("w-1"));
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "true", "false" })
	void aClassesMethodIsLockedThroughItsGenericInterface(String classes) {
		assertLockedThroughService(classes, OnTheClass.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "true", "false" })
	void aGenericInterfacesMethodIsLockedThroughIt(String classes) {
		assertLockedThroughService(classes, OnTheInterface.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "true", "false" })
	void aMethodOfAnAbstractClassBetweenIsLockedThroughItsInterface(String classes) {
		assertLockedThroughService(classes, OnTheBase.class);
		assertLockedThroughService(classes, OverridesTheBase.class);
		assertLockedThroughService(classes, OnTheMiddle.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "true", "false" })
	void anInterfacesMethodIsLockedThoughAClassAboveImplementsIt(String classes) {
		assertLockedThroughService(classes, ImplementedAbove.class);
		assertLockedThroughService(classes, GenericallyImplementedAbove.class);
		in(classes, (context) -> assertLockedOnce(context, () -> context.getBean(Plain.class).save("w-1")),
				PlainlyImplementedAbove.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "true", "false" })
	void aDefaultMethodIsLocked(String classes) {
		in(classes, (context) -> assertLockedOnce(context, () -> context.getBean(Defaults.class).saveByDefault("w-1")),
				WithDefault.class);
	}

	@Test
	void theSameCallsAreLockedThroughTheClass() {
		in("true", (context) -> assertLockedOnce(context, () -> context.getBean(OnTheInterface.class).save("w-1")),
				OnTheInterface.class);
		in("true", (context) -> assertLockedOnce(context, () -> context.getBean(OnTheBase.class).save("w-1")),
				OnTheBase.class);
		in("true", (context) -> assertLockedOnce(context, () -> context.getBean(OverridesTheBase.class).save("w-1")),
				OverridesTheBase.class);
		in("true", (context) -> assertLockedOnce(context, () -> context.getBean(ImplementedAbove.class).save("w-1")),
				ImplementedAbove.class);
		in("true",
				(context) -> assertLockedOnce(context,
						() -> context.getBean(GenericallyImplementedAbove.class).save("w-1")),
				GenericallyImplementedAbove.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "true", "false" })
	void aNarrowedResultIsLockedThroughTheWiderOne(String classes) {
		in(classes, (context) -> assertLockedOnce(context, () -> context.getBean(Finder.class).find("w-1")),
				NarrowFinder.class);
	}

	@Test
	void aMethodThatAPublicClassInheritsFromAHiddenOneIsLocked() {
		in("true", (context) -> assertLockedOnce(context, () -> context.getBean(Visible.class).save("w-1")),
				Visible.class);
	}

	@Test
	void aLambdaIsLockedByItsInterface() {
		in("true", (context) -> assertLockedOnce(context, () -> service(context).save("w-1")), Lambdas.class);
	}

	@Test
	void aProxyWithoutATargetIsLockedByItsInterfaces() {
		assertLockedThroughCrud(TargetlessFactoryBean.class);
	}

	@Test
	void aProxyThatIsNotOfSpringIsLockedThroughItsSuperInterfaceAndByTypes() {
		assertLockedThroughCrud(ForeignFactoryBean.class);
	}

	@Test
	void aFrozenProxyIsLocked() {
		assertLockedThroughCrud(FrozenFactoryBean.class);
	}

	@Test
	void anAsynchronousMethodIsLockedOnceThroughItsSuperInterface() {
		in("true", (context) -> assertLockedOnce(context, () -> Mono.from(async(context).save("w-1")).block()),
				AsyncFactoryBean.class);
	}

	private static void assertLockedThroughCrud(Class<?> component) {
		in("true", (context) -> {
			Store store = context.getBean(Store.class);
			assertLockedOnce(context, () -> store.save("w-1"));
			assertLockedOnce(context, () -> store.inherited("w-1"));
			Service<String> service = store;
			assertLockedOnce(context, () -> service.save("w-1"));
		}, component);
	}

	private static void assertLockedThroughService(String classes, Class<?> component) {
		in(classes, (context) -> {
			Service<String> service = service(context);
			assertThat(AopUtils.isJdkDynamicProxy(service)).as("JDK proxy").isEqualTo(classes.equals("false"));
			assertLockedOnce(context, () -> service.save("w-1"));
		}, component);
	}

	@SuppressWarnings("unchecked")
	private static Service<String> service(AnnotationConfigApplicationContext context) {
		return context.getBean(Service.class);
	}

	@SuppressWarnings("unchecked")
	private static AsyncStore<String> async(AnnotationConfigApplicationContext context) {
		return context.getBean(AsyncStore.class);
	}

	private static void assertLockedOnce(AnnotationConfigApplicationContext context, Runnable call) {
		RecordingLock lock = context.getBean(RecordingLock.class);
		lock.events.clear();
		call.run();
		assertThat(lock.events).containsExactly(LOCKED_ONCE);
	}

	private static void assertNotLocked(AnnotationConfigApplicationContext context, Runnable call) {
		RecordingLock lock = context.getBean(RecordingLock.class);
		lock.events.clear();
		call.run();
		assertThat(lock.events).isEmpty();
	}

	private static void inRepositories(Consumer<AnnotationConfigApplicationContext> action) {
		in("true", action, Repositories.class);
	}

	private static void in(String classes, Consumer<AnnotationConfigApplicationContext> action,
			Class<?>... components) {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(Map.of("classes", classes),
				components)) {
			action.accept(context);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Repositories {

		private final KeyValueRepositoryFactory factory = new KeyValueRepositoryFactory(
				new KeyValueTemplate(new MapKeyValueAdapter()));

		@Bean
		Widgets widgets() {
			return this.factory.getRepository(Widgets.class);
		}

		@Bean
		Gadgets gadgets() {
			return this.factory.getRepository(Gadgets.class);
		}

		@Bean
		Tools tools() {
			return this.factory.getRepository(Tools.class);
		}

	}

	record Widget(@Id String id) {
	}

	record Gadget(@Id String id) {
	}

	interface Widgets extends ListCrudRepository<Widget, String> {

		@Override
		@NbLocked("#entity.id")
		<S extends Widget> S save(S entity);

		@Override
		@NbLocked("#id")
		void deleteById(String id);

		@Override
		@NbLocked("#id")
		Optional<Widget> findById(String id);

		@NbLocked("#id")
		default void touch(String id) {
		}

	}

	@NoRepositoryBean
	interface BaseRepository<T> extends ListCrudRepository<T, String> {

		@Override
		@NbLocked("#entity.id")
		<S extends T> S save(S entity);

		@Override
		@NbLocked("#id")
		void deleteById(String id);

	}

	interface Gadgets extends BaseRepository<Gadget> {

	}

	@NbLocked("#a0")
	interface Tools extends CrudRepository<Gadget, String> {

		@Override
		@NbLocked("'all'")
		long count();

		@Override
		@NbLocked("'all'")
		void deleteAll();

		@Override
		@NbLocked("'all'")
		Iterable<Gadget> findAll();

	}

	interface Service<T> {

		void save(T id);

	}

	interface LockedService<T> extends Service<T> {

		@Override
		@NbLocked("#id")
		void save(T id);

	}

	static class OnTheClass implements Service<String> {

		@Override
		@NbLocked("#id")
		public void save(String id) {
		}

	}

	static class OnTheInterface implements LockedService<String> {

		@Override
		public void save(String id) {
		}

	}

	abstract static class Base<T> implements Service<T> {

		@Override
		@NbLocked("#id")
		public void save(T id) {
		}

	}

	static class OnTheBase extends Base<String> {

	}

	static class OverridesTheBase extends Base<String> {

		@Override
		public void save(String id) {
		}

	}

	abstract static class Middle<T extends CharSequence> implements Service<T> {

		@Override
		@NbLocked("#id")
		public abstract void save(T id);

	}

	static class OnTheMiddle extends Middle<String> {

		@Override
		public void save(String id) {
		}

	}

	static class Above {

		public void save(String id) {
		}

	}

	interface LockedStrings extends Service<String> {

		@Override
		@NbLocked("#id")
		void save(String id);

	}

	static class ImplementedAbove extends Above implements LockedStrings {

	}

	static class GenericallyImplementedAbove extends Above implements LockedService<String> {

	}

	interface Plain {

		@NbLocked("#id")
		void save(String id);

	}

	static class PlainlyImplementedAbove extends Above implements Plain {

	}

	interface Defaults {

		@NbLocked("#id")
		default void saveByDefault(String id) {
		}

	}

	static class WithDefault implements Defaults {

	}

	interface Finder {

		Object find(String id);

	}

	static class NarrowFinder implements Finder {

		@Override
		@NbLocked("#id")
		public String find(String id) {
			return id;
		}

	}

	static class Hidden {

		@NbLocked("#id")
		public void save(String id) {
		}

	}

	public static class Visible extends Hidden {

	}

	@Configuration(proxyBeanMethods = false)
	static class Lambdas {

		@Bean
		LockedService<String> service() {
			return (id) -> {
			};
		}

	}

	interface Inherited {

		default void inherited(String id) {
		}

	}

	@NbLocked("#a0")
	interface Store extends Service<String>, Inherited {

		@Override
		@NbLocked("#id")
		void save(String id);

	}

	static class TargetlessFactoryBean implements FactoryBean<Store> {

		@Override
		public Store getObject() {
			return ProxyFactory.getProxy(Store.class, (MethodInterceptor) (invocation) -> null);
		}

		@Override
		public Class<?> getObjectType() {
			return Store.class;
		}

	}

	static class FrozenFactoryBean implements FactoryBean<Store> {

		@Override
		public Store getObject() {
			ProxyFactory factory = new ProxyFactory(new Object());
			factory.addInterface(Store.class);
			factory.addAdvice((MethodInterceptor) (invocation) -> null);
			factory.setFrozen(true);
			return (Store) factory.getProxy();
		}

		@Override
		public Class<?> getObjectType() {
			return Store.class;
		}

	}

	static class ForeignFactoryBean implements FactoryBean<Store> {

		@Override
		public Store getObject() {
			return (Store) Proxy.newProxyInstance(Store.class.getClassLoader(), new Class<?>[] { Store.class },
					(proxy, method, args) -> null);
		}

		@Override
		public Class<?> getObjectType() {
			return Store.class;
		}

	}

	interface AsyncStore<T> {

		Mono<T> save(T id);

	}

	interface LockedAsyncStore extends AsyncStore<String> {

		@Override
		@NbLocked("#id")
		Mono<String> save(String id);

	}

	static class AsyncFactoryBean implements FactoryBean<LockedAsyncStore> {

		@Override
		public LockedAsyncStore getObject() {
			ProxyFactory factory = new ProxyFactory(new Object());
			factory.addInterface(LockedAsyncStore.class);
			// As Spring Data does it.
			factory.addAdvice(new DefaultMethodInvokingMethodInterceptor());
			factory.addAdvice((MethodInterceptor) (invocation) -> Mono.just("saved"));
			return (LockedAsyncStore) factory.getProxy();
		}

		@Override
		public Class<?> getObjectType() {
			return LockedAsyncStore.class;
		}

	}

}
