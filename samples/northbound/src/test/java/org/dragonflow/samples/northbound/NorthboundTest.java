package org.dragonflow.samples.northbound;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/**
 * Starts one instance of the service on a database of its own.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.datasource.url=jdbc:h2:mem:${random.uuid};LOCK_TIMEOUT=20000" })
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface NorthboundTest {

}
