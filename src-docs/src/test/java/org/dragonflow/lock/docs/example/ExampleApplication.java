package org.dragonflow.lock.docs.example;

import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An application that has networks and ports in a database.
 */
@SpringBootApplication
class ExampleApplication {

}
