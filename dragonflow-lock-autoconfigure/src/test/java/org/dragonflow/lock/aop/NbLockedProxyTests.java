package org.dragonflow.lock.aop;

import java.lang.reflect.Proxy;

import org.aopalliance.intercept.MethodInterceptor;
import org.dragonflow.lock.NbLocked;
import org.junit.jupiter.api.Test;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Beans that are proxies already, of whatever kind.
 */
class NbLockedProxyTests {

	@Test
	void aProxyThatIsThereAlreadyIsAdvisedRatherThanWrapped() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(ProxyFactoryBean.class)) {
			context.getBean(Service.class).delete("net-1");
			Service bean = context.getBean(Service.class);
			assertThat(((Advised) bean).getAdvisorCount()).isEqualTo(1);
			assertThat(lock(context).events).containsExactly("lock [net-1]", "release [net-1]");
		}
	}

	@Test
	void anInterfaceThatOnlyTheProxyHasIsLocked() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(RepositoryFactoryBean.class)) {
			context.getBean(Repository.class).save("net-1");
			assertThat(lock(context).events).containsExactly("lock [net-1]", "release [net-1]");
		}
	}

	@Test
	void aProxyThatIsNotOfSpringIsLockedByItsInterface() {
		try (AnnotationConfigApplicationContext context = AspectFixture.context(MapperFactoryBean.class)) {
			context.getBean(Repository.class).save("net-1");
			assertThat(lock(context).events).containsExactly("lock [net-1]", "release [net-1]");
		}
	}

	private static RecordingLock lock(AnnotationConfigApplicationContext context) {
		return context.getBean(RecordingLock.class);
	}

	static class Service {

		@NbLocked("#networkId")
		public void delete(String networkId) {
		}

	}

	static class ProxyFactoryBean implements FactoryBean<Service> {

		@Override
		public Service getObject() {
			ProxyFactory factory = new ProxyFactory(new Service());
			factory.setProxyTargetClass(true);
			return (Service) factory.getProxy();
		}

		@Override
		public Class<?> getObjectType() {
			return Service.class;
		}

	}

	interface Repository {

		@NbLocked("#id")
		void save(String id);

	}

	static class RepositoryFactoryBean implements FactoryBean<Repository> {

		@Override
		public Repository getObject() {
			ProxyFactory factory = new ProxyFactory(new Object());
			factory.addInterface(Repository.class);
			factory.addAdvice((MethodInterceptor) (invocation) -> null);
			return (Repository) factory.getProxy();
		}

		@Override
		public Class<?> getObjectType() {
			return Repository.class;
		}

	}

	static class MapperFactoryBean implements FactoryBean<Repository> {

		@Override
		public Repository getObject() {
			return (Repository) Proxy.newProxyInstance(Repository.class.getClassLoader(),
					new Class<?>[] { Repository.class }, (proxy, method, args) -> null);
		}

		@Override
		public Class<?> getObjectType() {
			return Repository.class;
		}

	}

}
