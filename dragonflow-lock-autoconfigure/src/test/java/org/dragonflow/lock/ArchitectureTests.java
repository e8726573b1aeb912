package org.dragonflow.lock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Date;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may know whom, and what may be seen from outside.
 */
class ArchitectureTests {

	private static final String ROOT = "org.dragonflow.lock";

	private static final JavaClasses CLASSES = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages(ROOT);

	/**
	 * The types outside the API and the SPI that others may use.
	 */
	private static final Set<String> PUBLIC = Set.of("engine.LockEngine", "engine.EngineSettings", "engine.HandOver",
			"engine.LockSnapshot", "engine.HeldLock", "engine.WaitingThread", "engine.StoredHold",
			"engine.InstanceNaming", "engine.RenewalStatus", "engine.Transactions", "engine.Transactions$Kept",
			"engine.Transactions$Owner", "engine.LockObserver", "engine.LockObserver$WaitScope", "engine.ThreadSource",
			"engine.LockWait", "engine.LockHold", "engine.WaitOutcome", "engine.HoldOutcome", "engine.StoreCall",
			"aop.NbLockedBeanPostProcessor", "integration.DragonflowLockRegistry", "jdbc.JdbcLockSettings",
			"jdbc.LockDataSource", "redis.RedisLockSettings", "etcd.EtcdLockSettings",
			"autoconfigure.EtcdLockProperties$Ssl", "autoconfigure.LockTaskExecutor",
			"zookeeper.PromptZookeeperFactory", "zookeeper.ZooKeeperLockSettings");

	/**
	 * The package for users of Micrometer, who may replace and test what is in it.
	 */
	private static final String OBSERVATION = ROOT + ".observation";

	@Test
	void theApiKnowsNothingOfTheRest() {
		check(classes().that()
			.resideInAPackage(ROOT)
			.should()
			.onlyDependOnClassesThat()
			.resideInAnyPackage(ROOT, "java..", "org.jspecify.."));
	}

	@Test
	void theDriverContractKnowsTheApiOnly() {
		assertProjectDependencies("spi", "spi");
	}

	@Test
	void theEngineKnowsNoStoreAndNoFramework() {
		assertProjectDependencies("engine", "spi", "engine");
		check(noClasses().that()
			.resideInAPackage(ROOT + ".engine..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework.beans..", "org.springframework.context..",
					"org.springframework.boot.."));
	}

	@Test
	void thePartsOfTheEngineAreItsOwnAndBuildOnEachOther() {
		check(noClasses().that()
			.resideOutsideOfPackage(ROOT + ".engine..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage(ROOT + ".engine.*.."));
		check(slices().matching(ROOT + ".engine.(*)..").should().beFreeOfCycles());
	}

	@Test
	void aDriverKnowsTheDriverContractOnly() {
		assertProjectDependencies("jdbc", "spi", "jdbc");
		assertProjectDependencies("etcd", "spi", "etcd");
		assertProjectDependencies("local", "spi", "local");
		assertProjectDependencies("redis", "spi", "redis");
		assertProjectDependencies("registry", "spi", "registry");
		assertProjectDependencies("zookeeper", "spi", "zookeeper");
	}

	@Test
	void theAspectAndTheRegistryKnowTheApiOnly() {
		assertProjectDependencies("aop", "aop", "spi");
		check(noClasses().that()
			.resideInAPackage(ROOT + ".aop..")
			.should()
			.dependOnClassesThat(JavaClass.Predicates.resideInAPackage(ROOT + ".spi..")
				.and(DescribedPredicate.not(JavaClass.Predicates.type(LockThreads.class)))));
		assertProjectDependencies("integration", "integration");
	}

	@Test
	void theActuatorAndSpringCloudKnowNoStore() {
		assertProjectDependencies("actuate", "actuate", "autoconfigure", "engine", "spi");
		assertProjectDependencies("cloud", "cloud", "autoconfigure", "engine", "spi");
	}

	@Test
	void onlyObservationsAndTheirConfigurationKnowMicrometer() {
		assertProjectDependencies("observation", "spi", "engine", "observation");
		check(noClasses().that()
			.resideOutsideOfPackages(OBSERVATION, ROOT + ".autoconfigure")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.micrometer.."));
	}

	@Test
	void theConsoleIsAnObserver() {
		assertProjectDependencies("console", "spi", "engine", "autoconfigure", "console");
	}

	@Test
	void packagesHaveNoCycles() {
		check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
	}

	@Test
	void everyPackageIsNullMarked() {
		assertThat(CLASSES.stream().map(JavaClass::getPackage).distinct()).isNotEmpty()
			.allSatisfy((packaged) -> assertThat(packaged.isAnnotatedWith(NullMarked.class)).as(packaged.getName())
				.isTrue());
	}

	@Test
	void onlyWhatOthersUseIsPublic() {
		check(classes().that()
			.resideOutsideOfPackages(ROOT, ROOT + ".spi", OBSERVATION, ROOT + ".engine.*..")
			.and(DescribedPredicate.not(DescribedPredicate.describe("are for others", ArchitectureTests::isForOthers)))
			.should()
			.notBePublic());
	}

	@Test
	void publicClassesAreNotMadeForInheritance() {
		check(classes().that()
			.arePublic()
			.and()
			.areNotInterfaces()
			.and()
			.doNotHaveModifier(JavaModifier.ABSTRACT)
			.should()
			.haveModifier(JavaModifier.FINAL));
	}

	@Test
	void nothingIsSynchronized() throws IOException {
		// Class files show no trace of a synchronized block to this library.
		try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
			assertThat(sources.filter(Files::isRegularFile)).isNotEmpty()
				.allSatisfy((source) -> assertThat(source).content().doesNotContainPattern("synchronized\\s*\\("));
		}
		check(noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED));
		check(noClasses().should()
			.callMethodWhere(DescribedPredicate.describe("waits on a monitor", ArchitectureTests::isMonitorWait)));
	}

	@Test
	void nobodyReadsTheWallClock() {
		// It may jump, and differs from machine to machine. What counts is the store's
		// clock, and the time since a moment in this JVM. The local store is one, and
		// begins
		// its tokens there.
		check(noClasses().that()
			.doNotHaveSimpleName("LocalLockStore")
			.should()
			.callMethodWhere(DescribedPredicate.describe("reads the wall clock", ArchitectureTests::isWallClock))
			.orShould()
			.callConstructor(Date.class)
			.orShould()
			.dependOnClassesThat()
			.areAssignableTo(Clock.class));
	}

	@Test
	void threadsComeFromOnePlace() {
		// Others would carry along what their starter has: thread-locals, a class loader.
		check(noClasses().that()
			.areNotAssignableTo(LockThreads.class)
			.should()
			.accessTargetWhere(DescribedPredicate.describe("makes a thread", ArchitectureTests::isThreadMaking)));
	}

	@Test
	void nothingIsInjectedIntoFields() {
		check(noFields().should().beAnnotatedWith(Autowired.class).orShould().beAnnotatedWith(Value.class));
	}

	@Test
	void beanMethodsAreNotPartOfTheApi() {
		check(methods().that().areAnnotatedWith(Bean.class).should().bePackagePrivate());
	}

	private static void assertProjectDependencies(String packaged, String... allowed) {
		String[] packages = new String[allowed.length + 1];
		packages[0] = ROOT;
		for (int i = 0; i < allowed.length; i++) {
			packages[i + 1] = ROOT + "." + allowed[i] + "..";
		}
		check(noClasses().that()
			.resideInAPackage(ROOT + "." + packaged + "..")
			.should()
			.dependOnClassesThat(JavaClass.Predicates.resideInAPackage(ROOT + "..")
				.and(JavaClass.Predicates.resideOutsideOfPackages(packages))));
	}

	private static void check(ArchRule rule) {
		rule.check(CLASSES);
	}

	private static boolean isForOthers(JavaClass type) {
		return type.isAnnotatedWith(AutoConfiguration.class) || type.isAnnotatedWith(ConfigurationProperties.class)
				|| type.isAssignableTo("org.dragonflow.lock.spi.LockDriver")
				|| PUBLIC.contains(type.getName().substring(ROOT.length() + 1));
	}

	private static boolean isWallClock(JavaMethodCall call) {
		return call.getName().equals("currentTimeMillis")
				|| (call.getTargetOwner().getPackageName().equals("java.time") && call.getName().equals("now"));
	}

	private static boolean isThreadMaking(JavaAccess<?> access) {
		JavaClass owner = access.getTargetOwner();
		if (!(access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget target)
				|| !(target.getName().equals(JavaConstructor.CONSTRUCTOR_NAME) || target.getName().startsWith("new"))) {
			return false;
		}
		boolean isExecutor = owner.isEquivalentTo(Executors.class) || owner.isAssignableTo(ThreadPoolExecutor.class);
		return owner.isAssignableTo(Thread.class) || owner.isAssignableTo(Timer.class)
				|| (isExecutor && target.getRawParameterTypes()
					.stream()
					.noneMatch((type) -> type.isEquivalentTo(ThreadFactory.class)));
	}

	private static boolean isMonitorWait(JavaMethodCall call) {
		return call.getTargetOwner().isEquivalentTo(Object.class)
				&& Set.of("wait", "notify", "notifyAll").contains(call.getName());
	}

}
