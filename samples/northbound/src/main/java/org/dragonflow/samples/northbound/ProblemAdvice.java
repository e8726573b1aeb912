package org.dragonflow.samples.northbound;

import java.util.stream.Collectors;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.LockUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Says what went wrong as problem details (RFC 9457). The three ways in which a lock can
 * fail call for three different answers: try later, look again, or call the operator.
 */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class ProblemAdvice {

	private static final Logger logger = LoggerFactory.getLogger(ProblemAdvice.class);

	@ExceptionHandler
	ResponseEntity<ProblemDetail> anotherHoldsTheLock(LockUnavailableException ex) {
		return answer(HttpStatus.LOCKED, "Another caller is changing '" + ex.getObjectId() + "'. Try again later.");
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> theLockWasLost(LockLostException ex) {
		// The method has run, its transaction may be committed: only the caller can find
		// out whether its change is still there.
		logger.warn("A lock was lost while a request was under way", ex);
		return answer(HttpStatus.CONFLICT, "The lock on '" + ex.getObjectId()
				+ "' was lost while the change was made. Read the object again before you repeat the change.");
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> theWriteCameTooLate(FencedException ex) {
		// Unlike above, it is certain that nothing was changed.
		logger.warn("A write was refused by what it wanted to change", ex);
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT,
				"Nothing was changed: the lock on '" + ex.getObjectId()
						+ "' was lost, and another has changed it since. Read it again before you repeat the change.");
		problem.setTitle("Too Late");
		return ResponseEntity.of(problem).build();
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> theLockStoreFails(LockStoreException ex) {
		logger.error("The lock store cannot be used", ex);
		return answer(HttpStatus.SERVICE_UNAVAILABLE, "Nothing can be changed now: the lock store does not answer.");
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> theIdIsTaken(DuplicateKeyException ex) {
		return answer(HttpStatus.CONFLICT, "There is an object with this id already.");
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> theRequestIsNotValid(MethodArgumentNotValidException ex) {
		return answer(HttpStatus.BAD_REQUEST,
				ex.getFieldErrors()
					.stream()
					.map((error) -> error.getField() + " " + error.getDefaultMessage())
					.sorted()
					.collect(Collectors.joining("; ")));
	}

	private static ResponseEntity<ProblemDetail> answer(HttpStatus status, String detail) {
		var response = ResponseEntity.status(status);
		if (status == HttpStatus.LOCKED || status == HttpStatus.SERVICE_UNAVAILABLE) {
			response.header(HttpHeaders.RETRY_AFTER, "1");
		}
		return response.body(ProblemDetail.forStatusAndDetail(status, detail));
	}

}
